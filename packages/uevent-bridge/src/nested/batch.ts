import type { Batch } from "@uevent-bridge/kernel";
import { BATCH_SIZE } from "@uevent-bridge/kernel";
import type { Uevent } from "@uevent-bridge/uevent";
import { KERNEL_DATAGRAM_BYTES } from "@uevent-bridge/uevent";

const KERNEL_GROUP = 1;

/** The memory behind every batch of a source: used again for each. */
export class BatchMemory {
  readonly #slab = new Uint8Array(BATCH_SIZE * KERNEL_DATAGRAM_BYTES);
  readonly #starts = new Uint32Array(BATCH_SIZE);
  readonly #ends = new Uint32Array(BATCH_SIZE);
  // The relay outside heard them of the kernel. `Uevent` is the proof that each was checked as a whole since.
  readonly #kernels = {
    portIds: new Uint32Array(BATCH_SIZE),
    groups: new Uint32Array(BATCH_SIZE).fill(KERNEL_GROUP),
    pids: new Int32Array(BATCH_SIZE),
    uids: new Uint32Array(BATCH_SIZE),
  };

  /** @param events at most `BATCH_SIZE` */
  fill(events: readonly Uevent[], { overrun, drained }: Pick<Batch, "overrun" | "drained">): Batch {
    let end = 0;
    for (const [i, { bytes }] of events.entries()) {
      this.#slab.set(bytes, end);
      this.#starts[i] = end;
      this.#ends[i] = end += bytes.length;
    }
    const memory = { slab: this.#slab, starts: this.#starts, ends: this.#ends, ...this.#kernels };
    return { ...memory, count: events.length, overrun, drained };
  }
}
