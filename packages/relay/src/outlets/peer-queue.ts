import type { Outcome, Peer } from "@uevent-bridge/kernel";

import type { Datagram } from "../datagram.js";
import { made } from "../datagram.js";
import type { Outbox, Owner } from "../outbox.js";
import type { Share } from "../share.js";
import type { Turn } from "../turn.js";
import type { Budget } from "./budget.js";

/** Datagrams that are tried at a listener that was full: its queue holds 11 by default. */
const TRIES = 16;

export interface PeerQueueOptions {
  readonly outbox: Outbox;
  readonly peer: Peer;
  /** For what is sent when it reads again, which may be much at once, */
  readonly turn: Turn;
  /** and for what it is told anew because it did not. */
  readonly share: Share;
  /** Bytes that may wait. */
  readonly budget: Budget;
  /** All that waited was sent. */
  readonly onDrained: () => void;
  readonly onGone: () => void;
}

/** What one listener has not read yet, in order and bounded. */
export class PeerQueue implements Owner {
  readonly #options: PeerQueueOptions;
  #waiting: Uint8Array[] = [];
  #trying: Uint8Array[] | undefined; // what the listener refused while it is tried again
  #drainedLater: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PeerQueueOptions) {
    this.#options = options;
    options.outbox.open(options.peer, this);
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  /** True if nothing more may wait. */
  get isFull(): boolean {
    return this.#options.budget.isSpent;
  }

  /** Sends with the next flush, if nothing waits: no copy is made. */
  push(datagram: Datagram, seqnum?: number): void {
    this.#options.outbox.push(this.#options.peer, datagram, seqnum);
  }

  /** Lets the bytes wait behind all others. */
  add(bytes: Uint8Array): void {
    this.#options.budget.take(bytes);
    this.#waiting.push(bytes);
    if (this.#waiting.length === 1) this.#wait();
  }

  /** Sends what was pushed. */
  flush(): void {
    this.#options.outbox.flush();
  }

  unsent(outcome: Exclude<Outcome, "sent">, bytes: Uint8Array): void {
    if (outcome === "full") return this.#trying ? void this.#trying.push(bytes) : this.add(bytes);
    if (outcome !== "too-long") this.#gone();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#drainedLater);
    this.#waiting = [];
    this.#options.outbox.close(this.#options.peer);
  }

  #wait(): void {
    this.#options.peer.onceWritable(() => this.#retry());
  }

  #retry(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      if (this.#options.turn.isOver) return void setImmediate(() => this.#retry());
      const refused = this.#try(this.#take());
      if (refused.length === 0 || this.#closed) continue;
      for (const bytes of refused) this.#options.budget.take(bytes);
      this.#waiting.unshift(...refused);
      return this.#wait();
    }
    if (!this.#closed) this.#drained();
  }

  #drained(): void {
    const { share, onDrained } = this.#options;
    if (share.wait === 0) return share.take(onDrained);
    clearTimeout(this.#drainedLater);
    this.#drainedLater = setTimeout(() => this.#retry(), share.wait).unref();
  }

  #take(): readonly Uint8Array[] {
    const taken = this.#waiting.splice(0, TRIES);
    for (const bytes of taken) this.#options.budget.give(bytes);
    return taken;
  }

  #try(datagrams: readonly Uint8Array[]): Uint8Array[] {
    const refused: Uint8Array[] = [];
    this.#options.outbox.flush(); // what others pushed is not ours to hear of
    this.#trying = refused;
    for (const bytes of datagrams) this.#options.outbox.push(this.#options.peer, made(bytes));
    this.#options.outbox.flush();
    this.#trying = undefined;
    return refused;
  }

  #gone(): void {
    if (this.#closed) return;
    this.#waiting = [];
    this.#options.onGone();
  }
}
