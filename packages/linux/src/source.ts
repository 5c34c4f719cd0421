import { closeSync } from "node:fs";

import type { Batch, Source } from "@uevent-bridge/kernel";
import { BATCH_SIZE } from "@uevent-bridge/kernel";

import { READABLE } from "./addon.js";
import type { Addon, Watch } from "./addon.js";
import type { KeptHole } from "./kept-hole.js";
import { Received, memorySize } from "./received.js";
import { watchOrClose } from "./watch.js";

const LEAST_CHARGE = 512; // bytes of receive buffer that the shortest datagram costs at least
const REFUSED_MS = 50; // after the system gave no memory for reading
const TURN_MS = 4; // then others get their turn of the event loop

/** What outlives the process. */
export interface Kept {
  /** Into which is read. */
  readonly memory: ArrayBuffer;
  /** Somebody else had it, and the socket, and has read into it. */
  readonly isLeft: boolean;
  /** Owned from now on. */
  readonly hole: KeptHole;
}

/** Datagrams from a socket, in batches, whenever there are some. Owns the descriptor. */
export class SocketSource implements Source {
  readonly receiveBuffer: number;
  readonly last?: Batch;
  readonly #addon: Addon;
  readonly #fd: number;
  readonly #watch: Watch;
  readonly #received: Received;
  readonly #onBatch: (batch: Batch) => void;
  #truncated = 0;
  #flowing = false;
  #drained = true; // by what was said last
  #comesAgain = false;
  #delivering = false;
  #closed = false;
  readonly #hole: KeptHole | undefined;
  #repeats = false;

  constructor(addon: Addon, fd: number, onBatch: (batch: Batch) => void, kept?: Kept) {
    this.#hole = kept?.hole;
    this.#addon = addon;
    this.#received = new Received(kept?.memory ?? new ArrayBuffer(memorySize(addon.receiveHeadersSize())));
    this.#fd = fd;
    this.#onBatch = onBatch;
    this.#watch = watchOrClose(addon, fd, () => this.#turn());
    this.receiveBuffer = addon.receiveBuffer(fd);
    if (kept?.isLeft) this.last = { ...this.#left(), overrun: kept.hole.isLeft };
  }

  /** Datagrams that were longer than any program takes (8 KiB), and were left out. */
  get truncated(): number {
    return this.#truncated;
  }

  resume(): void {
    if (this.#closed) return;
    this.#flowing = true;
    this.#watch.start(READABLE);
    if (!this.#drained || this.#repeats) this.#turnAgain(); // nothing may be left in the socket
  }

  pause(): void {
    this.#flowing = false;
    this.#watch.stop();
  }

  /** @throws Error from within `onBatch`: the slab is in use */
  drain(): void {
    if (this.#delivering) throw new Error("drain() from within onBatch: the slab is in use");
    // More than the buffer holds was not there when this was called: whoever goes on saying events holds nobody here.
    let left = Math.ceil(this.receiveBuffer / (LEAST_CHARGE * BATCH_SIZE)) + 1;
    while (!this.#closed && left-- > 0 && !this.#deliver());
  }

  ref(): void {
    this.#watch.ref();
  }

  unref(): void {
    this.#watch.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#flowing = false;
    this.#watch.close();
    this.#hole?.close();
    closeSync(this.#fd);
  }

  #turn(): void {
    if (!this.#flowing) return;
    const until = performance.now() + TURN_MS;
    do this.#deliver();
    while (this.#flowing && !this.#drained && performance.now() < until);
    if (this.#flowing && !this.#drained) this.#turnAgain();
  }

  /** A queue that was emptied wakes nobody, and that it is empty must be said. */
  #turnAgain(): void {
    if (this.#comesAgain) return;
    this.#comesAgain = true;
    setImmediate(() => {
      this.#comesAgain = false;
      this.#turn();
    });
  }

  /** Hands over one batch; true if the queue was empty after it. */
  #deliver(): boolean {
    if (!this.#repeats && this.#receive() < 0) return this.#refused();
    const batch = this.#received.batch();
    if (!this.#repeats) this.#hole?.read(batch);
    this.#repeats = false;
    this.#drained = batch.drained;
    this.#truncated += this.#received.truncated;
    this.#delivering = true;
    try {
      this.#onBatch(batch);
    } finally {
      this.#delivering = false;
    }
    return batch.drained;
  }

  /** What waits is there still, but nobody can tell when it can be read: it is a hole until then. */
  #refused(): true {
    this.#watch.stop();
    setTimeout(() => this.#flowing && this.resume(), REFUSED_MS).unref();
    this.#onBatch(this.#received.hole());
    return true;
  }

  #receive(): number {
    const { slab, bytes, headers } = this.#received;
    return this.#addon.receive(this.#fd, slab, bytes, headers);
  }

  /** It comes once more: not all of it may have been acted on. */
  #left(): Batch {
    const { slab, bytes, headers } = this.#received;
    this.#addon.receiveLeft(slab, bytes, headers);
    const batch = this.#received.batch();
    this.#repeats = batch.count > 0;
    return batch;
  }
}
