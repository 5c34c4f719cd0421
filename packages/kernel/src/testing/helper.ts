import type { Helper, HelperOptions } from "../helper.js";
import type { Outcome } from "../sender.js";
import { FakePeer } from "./peer.js";
import type { World } from "./world.js";

const WAITING_MAX = 256; // datagrams

/** What runs a program in a container. */
export class FakeHelper extends FakePeer implements Helper {
  readonly program: string;
  readonly ended: Promise<void>;
  readonly lacksFilter = false;
  /** The events that it ran the program for, in order. */
  readonly ran: Uint8Array[] = [];
  readonly #world: World;
  readonly #onTrouble: HelperOptions["onTrouble"];
  #waiting: Uint8Array[] | undefined;
  #hasEnded = false;
  #resolveEnded: () => void = () => {};

  constructor(world: World, { program, onTrouble }: HelperOptions) {
    super(world);
    this.#world = world;
    this.program = program;
    this.#onTrouble = onTrouble;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** Its programs do not end, until it goes on. */
  stall(): void {
    this.#waiting ??= [];
  }

  goOn(): void {
    this.ran.push(...(this.#waiting ?? []));
    this.#waiting = undefined;
    this.wake();
  }

  /** A program fails. */
  fail(sentence: string): void {
    this.#world.turns.add(() => this.#onTrouble(sentence));
  }

  /** It is ended, by the container or by us. */
  end(): void {
    this.#hasEnded = true;
    this.#world.turns.add(this.#resolveEnded);
    this.wake();
  }

  deliver(bytes: Uint8Array): Outcome {
    if (this.#hasEnded) return "gone";
    if (!this.writable) return "full";
    (this.#waiting ?? this.ran).push(bytes.slice());
    return "sent";
  }

  override close(): void {
    super.close();
    this.end();
  }

  protected get writable(): boolean {
    return this.#hasEnded || (this.#waiting?.length ?? 0) < WAITING_MAX;
  }
}
