import type { Outcome, Peer } from "../sender.js";
import type { Mortal, World } from "./world.js";

/** Where datagrams for a peer wait until they are flushed. */
export interface Line {
  /** Sends what waits for one peer. */
  send(peer: FakePeer): void;
}

/** Somebody who receives datagrams, as the fake sender sees it. */
export abstract class FakePeer implements Peer, Mortal {
  readonly #world: World;
  #callback: (() => void) | undefined;
  #closed = false;
  /** The lines in which something waits for it. */
  readonly lines = new Set<Line>();

  constructor(world: World) {
    this.#world = world;
    world.opened.add(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  abstract deliver(bytes: Uint8Array): Outcome;
  protected abstract get writable(): boolean;

  onceWritable(callback: () => void): void {
    if (this.#closed) return;
    this.#callback = callback;
    this.wake();
  }

  /** To be called when it may have become writable. */
  protected wake(): void {
    if (this.#callback && this.writable) this.#world.turns.add(() => this.#call());
  }

  close(): void {
    if (this.#closed) return;
    for (const line of this.lines) line.send(this);
    this.kill();
  }

  kill(): void {
    this.#closed = true;
    this.#callback = undefined;
    this.#world.opened.delete(this);
  }

  #call(): void {
    if (!this.writable) return;
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  }
}
