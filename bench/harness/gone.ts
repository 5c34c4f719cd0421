import type { Batch } from "@uevent-bridge/kernel";

import type { Done } from "./serve.js";

/** Notes when it is read that a device has gone, and when it has no effect any more. */
export class Gone {
  readonly #header: Uint8Array;
  #read: bigint | undefined;
  #times: number[] = [];
  #wanted = Infinity;
  #take: ((done: Done) => void) | undefined;

  /** @param header with which the kernel's datagram begins that says it */
  constructor(header: string) {
    this.#header = Buffer.from(header, "latin1");
  }

  /** What has just come from the kernel. */
  read({ slab, starts, count }: Batch): void {
    const now = process.hrtime.bigint();
    for (let i = 0; i < count; i++) if (this.#isIt(slab, starts[i] ?? 0)) this.#read = now;
  }

  /** Nobody may open it any more. */
  revoked(): void {
    if (this.#read === undefined) return;
    this.#times.push(Number(process.hrtime.bigint() - this.#read));
    this.#read = undefined;
    if (this.#times.length >= this.#wanted) this.#answer();
  }

  /** Resolves when it has gone so many times, with the time that each took, in ns. */
  take(count: number): Promise<Done> {
    return new Promise((resolve) => {
      this.#take = resolve;
      this.#wanted = count;
      if (this.#times.length >= count) this.#answer();
    });
  }

  #answer(): void {
    const times = this.#times;
    this.#times = [];
    this.#wanted = Infinity;
    this.#take?.({ count: times.length, sum: 0, times });
  }

  #isIt(slab: Uint8Array, start: number): boolean {
    return Buffer.compare(slab.subarray(start, start + this.#header.length), this.#header) === 0;
  }
}
