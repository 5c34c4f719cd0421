import type { Batch } from "@uevent-bridge/kernel";
import { BATCH_SIZE } from "@uevent-bridge/kernel";

// A datagram of the kernel has at most 2 KiB of pairs and its header; libudev's readers take 8 KiB. The odd rest keeps
// the slots from falling on the same lines of the processor's cache.
const SLOT_SIZE = 8192 + 320; // bytes
const HEADER = 4; // words: count, overrun, drained, truncated

const SLAB_SIZE = BATCH_SIZE * SLOT_SIZE; // a multiple of 8, behind which the headers are

/** Bytes of memory for a slab and the headers with which it is read. */
export function memorySize(headersSize: number): number {
  return SLAB_SIZE + headersSize;
}

/** The memory into which C writes a batch: `struct received` of native/core/receive.h, and the slab beside it. */
export class Received {
  readonly slab: Uint8Array;
  readonly headers: Uint8Array;
  readonly bytes: Uint8Array;
  readonly #header: Uint32Array;
  readonly #columns: Pick<Batch, "starts" | "ends" | "portIds" | "groups" | "pids" | "uids">;

  /** @param shared for the slab and the headers; it may outlive the process */
  constructor(shared: ArrayBuffer) {
    this.slab = new Uint8Array(shared, 0, SLAB_SIZE);
    this.headers = new Uint8Array(shared, SLAB_SIZE);
    const memory = new ArrayBuffer(4 * (HEADER + 6 * BATCH_SIZE));
    const at = (column: number): [ArrayBuffer, number, number] => [
      memory,
      4 * (HEADER + column * BATCH_SIZE),
      BATCH_SIZE,
    ];
    this.bytes = new Uint8Array(memory);
    this.#header = new Uint32Array(memory, 0, HEADER);
    this.#columns = {
      starts: new Uint32Array(...at(0)),
      ends: new Uint32Array(...at(1)),
      portIds: new Uint32Array(...at(2)),
      groups: new Uint32Array(...at(3)),
      pids: new Int32Array(...at(4)),
      uids: new Uint32Array(...at(5)),
    };
  }

  /** Datagrams of the last read that were longer than a slot and are left out. */
  get truncated(): number {
    return this.#header[3] ?? 0;
  }

  /** As if all had been read, and something lost. */
  hole(): Batch {
    return { slab: this.slab, count: 0, ...this.#columns, overrun: true, drained: true };
  }

  batch(): Batch {
    const [count = 0, overrun, drained] = this.#header;
    return { slab: this.slab, count, ...this.#columns, overrun: overrun === 1, drained: drained === 1 };
  }
}
