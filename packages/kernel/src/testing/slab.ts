import { BATCH_SIZE } from "../source.js";
import type { Batch } from "../source.js";
import type { Datagram } from "./netlink.js";

const SLOT = 8192; // bytes: the longest datagram that udevd says
const POISON = 0xdb;
const NOWHERE = 0xdbdbdbdb;

/** The memory behind every batch of a source: used again for each, and poisoned in between, so that a kept reference shows. */
export class Slab {
  count = 0;
  #end = 0;
  #bytes = new Uint8Array(SLOT);
  readonly #starts = new Uint32Array(BATCH_SIZE);
  readonly #ends = new Uint32Array(BATCH_SIZE);
  readonly #portIds = new Uint32Array(BATCH_SIZE);
  readonly #groups = new Uint32Array(BATCH_SIZE);
  readonly #pids = new Int32Array(BATCH_SIZE);
  readonly #uids = new Uint32Array(BATCH_SIZE);

  clear(): void {
    this.count = 0;
    this.#end = 0;
  }

  /** A datagram that is longer than any of the kernel's or udevd's is left out. */
  add(datagram: Datagram): void {
    const { bytes } = datagram;
    if (bytes.length > SLOT) return;
    const i = this.count++;
    if (this.#end + bytes.length > this.#bytes.length) this.#grow();
    this.#bytes.set(bytes, this.#end);
    this.#starts[i] = this.#end;
    this.#ends[i] = this.#end += bytes.length;
    this.#portIds[i] = datagram.portId;
    this.#groups[i] = datagram.groups;
    this.#pids[i] = datagram.pid;
    this.#uids[i] = datagram.uid;
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }

  batch(overrun: boolean, drained: boolean): Batch {
    return {
      slab: this.#bytes,
      count: this.count,
      starts: this.#starts,
      ends: this.#ends,
      portIds: this.#portIds,
      groups: this.#groups,
      pids: this.#pids,
      uids: this.#uids,
      overrun,
      drained,
    };
  }

  poison(): void {
    this.#bytes.fill(POISON, 0, this.#end);
    for (const array of [this.#starts, this.#ends, this.#portIds, this.#groups, this.#pids, this.#uids]) {
      array.fill(NOWHERE, 0, this.count);
    }
  }
}
