import type { Mark, Outcome, Peer } from "@uevent-bridge/kernel";

import type { Datagram } from "../datagram.js";
import { copied, made, numbered as numberedBytes } from "../datagram.js";
import { numberedBy, type Numbered } from "../entry.js";
import type { Account } from "../account.js";
import type { Outbox, Owner } from "../outbox.js";
import type { Share } from "../share.js";
import type { Turn } from "../turn.js";
import type { Budget } from "./budget.js";
import { Denial } from "./denial.js";
import type { What } from "./merge.js";
import { merge } from "./merge.js";

/** Datagrams that are tried at a listener that was full: its queue holds 11 by default. */
const TRIES = 16;

export interface PeerQueueOptions {
  readonly outbox: Outbox;
  readonly peer: Peer;
  /** Where it is written down what it was sent, if it is. */
  readonly account?: Account | undefined;
  /** For what is sent when it reads again, which may be much at once, */
  readonly turn: Turn;
  /** and for what it costs that it did not: to merge what waits, and to tell it anew. */
  readonly share: Share;
  /** Bytes that may wait. */
  readonly budget: Budget;
  /** All that waited was sent. */
  readonly onDrained: () => void;
  /** Of what waited so many were not sent, as they had become needless. */
  readonly onGap: (lost: number) => void;
  readonly onGone: () => void;
}

/** What is said, where it may become needless. */
interface Saying extends Numbered {
  readonly what?: What | undefined;
}

interface Waiting extends Saying {
  readonly bytes: Uint8Array;
}

/** What one listener has not read yet, in order and bounded. */
export class PeerQueue implements Owner {
  readonly #options: PeerQueueOptions;
  #waiting: Waiting[] = [];
  #trying: Waiting[] | undefined; // what the listener refused while it is tried again
  #drainedLater: NodeJS.Timeout | undefined;
  readonly #denial = new Denial();
  #closed = false;

  constructor(options: PeerQueueOptions) {
    this.#options = options;
    options.outbox.open(options.peer, this);
    options.budget.mergeBy(() => this.#merge(), options.share);
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  /** False if nothing more may wait. */
  makeRoom(): boolean {
    return this.idle || this.#options.budget.makeRoom();
  }

  /** Sends with the next flush, if nothing waits, and else behind all others. No copy is made of what is sent at once. */
  push(datagram: Datagram, saying: Saying, seqnum?: number): void {
    const [mark] = (this.idle && this.#options.account?.marks([saying])) || []; // where there is no room for it, what was pushed is sent
    if (this.idle) this.#options.outbox.push(this.#options.peer, datagram, seqnum, mark);
    else this.add(seqnum === undefined ? copied(datagram).bytes : numberedBytes(datagram, seqnum), saying);
  }

  /** Lets the bytes wait behind all others. */
  add(bytes: Uint8Array, { seq, news, what, at }: Saying): void {
    this.#options.budget.take(bytes);
    this.#waiting.push({ bytes, seq, news, what, at: at ?? this.#options.account?.position ?? 0 });
    if (this.#waiting.length === 1) this.#wait();
  }

  /** Sends what was pushed. */
  flush(): void {
    this.#options.outbox.flush();
  }

  unsent(outcome: Exclude<Outcome, "sent">, bytes: Uint8Array, mark: Mark | undefined): void {
    const numbered = numberedBy(mark);
    if (outcome === "full" || (outcome === "denied" && this.#denial.isFirst()))
      return this.#trying ? void this.#trying.push({ bytes, ...numbered }) : this.add(bytes, numbered);
    if (outcome !== "too-long") this.#gone();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#drainedLater);
    this.#waiting = [];
    this.#options.outbox.close(this.#options.peer);
  }

  #merge(): Iterable<Waiting> {
    const { kept, needless } = merge(this.#waiting);
    this.#waiting = kept;
    return needless;
  }

  #wait(): void {
    this.#options.peer.onceWritable(() => this.#retry());
  }

  #retry(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      if (this.#options.turn.isOver) return void setImmediate(() => this.#retry());
      const refused = this.#try(this.#take());
      if (refused.length === 0 || this.#closed) continue;
      for (const { bytes } of refused) this.#options.budget.take(bytes);
      this.#waiting.unshift(...refused);
      return this.#wait();
    }
    if (this.#closed) return;
    const merged = this.#options.budget.takeMerged();
    if (merged > 0) this.#options.onGap(merged);
    this.#drained();
  }

  #drained(): void {
    const { share, onDrained } = this.#options;
    if (share.wait === 0) return share.take(onDrained);
    clearTimeout(this.#drainedLater);
    this.#drainedLater = setTimeout(() => this.#retry(), share.wait).unref();
  }

  #take(): readonly Waiting[] {
    const taken = this.#waiting.splice(0, TRIES);
    for (const { bytes } of taken) this.#options.budget.give(bytes);
    return taken;
  }

  #try(datagrams: readonly Waiting[]): Waiting[] {
    const refused: Waiting[] = [];
    this.#trying = refused;
    const marks = this.#options.account?.marks(datagrams); // before the first is pushed: nothing may be sent between two of them
    for (const [i, { bytes }] of datagrams.entries())
      this.#options.outbox.push(this.#options.peer, made(bytes), undefined, marks?.[i]);
    this.#options.outbox.flush();
    this.#trying = undefined;
    return refused;
  }

  #gone(): void {
    if (!this.#closed) this.#options.onGone();
  }
}
