import type { Batch, Source, SourceOptions } from "@uevent-bridge/kernel";
import { BATCH_SIZE } from "@uevent-bridge/kernel";
import type { Listener } from "@uevent-bridge/listener";
import type { Uevent } from "@uevent-bridge/uevent";

import { BatchMemory } from "./batch.js";
import type { Holders } from "./holders.js";

/** What an event that waits costs beside its bytes, about. */
const OVERHEAD_BYTES = 512;

export interface ToldSourceParts extends Pick<SourceOptions, "onBatch"> {
  readonly listener: Listener;
  readonly holders: Holders;
  /** Bytes of events that may wait. */
  readonly receiveBuffer: number;
}

/**
 * What a relay outside says, as a source. That it has told its devices anew (it was restarted, or had lost something) is an
 * overrun behind all that it said before: what exists must be read again.
 */
export class ToldSource implements Source {
  readonly receiveBuffer: number;
  readonly #listener: Listener;
  readonly #holders: Holders;
  readonly #onBatch: (batch: Batch) => void;
  readonly #memory = new BatchMemory();
  readonly #queue: Uevent[] = [];
  #waitingBytes = 0;
  /** The queue was full: as in the kernel, all is lost from then on until it has been read empty. */
  #losing = false;
  #overrun = false;
  #toldAnew = false;
  #flowing = false;
  #scheduled = false;
  #delivering = false;
  #closed = false;
  readonly #hear = (event: Uevent) => this.#add(event);
  readonly #resync = () => {
    this.#toldAnew = true;
    this.#schedule();
  };

  constructor({ listener, holders, receiveBuffer, onBatch }: ToldSourceParts) {
    this.#listener = listener;
    this.#holders = holders;
    this.receiveBuffer = receiveBuffer;
    this.#onBatch = onBatch;
    listener.on("event", this.#hear);
    listener.on("resync", this.#resync);
    holders.add(this);
  }

  resume(): void {
    this.#flowing = true;
    this.#schedule();
  }

  pause(): void {
    this.#flowing = false;
  }

  /** @throws Error from within `onBatch`: the slab is in use */
  drain(): void {
    if (this.#delivering) throw new Error("drain() from within onBatch: the slab is in use");
    while (!this.#closed && this.#deliver());
  }

  ref(): void {
    if (!this.#closed) this.#holders.add(this);
  }

  unref(): void {
    this.#holders.delete(this);
  }

  close(): void {
    this.#closed = true;
    this.#listener.off("event", this.#hear);
    this.#listener.off("resync", this.#resync);
    this.#holders.delete(this);
  }

  #add(event: Uevent): void {
    if (this.#losing) return;
    const bytes = event.bytes.length + OVERHEAD_BYTES;
    if (this.#waitingBytes + bytes > this.receiveBuffer) {
      this.#losing = true;
      this.#overrun = true;
    } else {
      this.#queue.push(event);
      this.#waitingBytes += bytes;
    }
    this.#schedule();
  }

  get #hasNews(): boolean {
    return this.#queue.length > 0 || this.#overrun || this.#toldAnew;
  }

  #schedule(): void {
    if (this.#scheduled || !this.#flowing || this.#closed || !this.#hasNews) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#flowing && !this.#closed && this.#hasNews) this.#deliver();
      this.#schedule();
    });
  }

  /** Hands over one batch; true if there is more. */
  #deliver(): boolean {
    const overrun = this.#takeOverrun();
    const events = this.#queue.splice(0, BATCH_SIZE);
    for (const { bytes } of events) this.#waitingBytes -= bytes.length + OVERHEAD_BYTES;
    const drained = this.#queue.length === 0;
    if (drained) this.#losing = false;
    this.#delivering = true;
    try {
      this.#onBatch(this.#memory.fill(events, { overrun, drained }));
    } finally {
      this.#delivering = false;
    }
    return this.#hasNews;
  }

  /** That all was told anew is said alone, when the events before it have been applied: their devices are sure then. */
  #takeOverrun(): boolean {
    const isToldAnew = this.#toldAnew && this.#queue.length === 0;
    const overrun = this.#overrun || isToldAnew;
    this.#overrun = false;
    if (isToldAnew) this.#toldAnew = false;
    return overrun;
  }
}
