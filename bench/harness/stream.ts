import type { Batch, Source, SourceOptions } from "@uevent-bridge/kernel";

import type { Done } from "./serve.js";

const KERNEL_GROUP = 1;

/** A source that flows while a number of datagrams is waited for. */
export class Stream {
  readonly #source: Source;
  #count = 0;
  #bytes = 0;
  #wanted = 0;
  #enough: (() => void) | undefined;

  constructor(open: (options: SourceOptions) => Source, onBatch: (batch: Batch) => void = () => {}) {
    const hear = (batch: Batch): void => {
      onBatch(batch);
      this.#heard(batch);
    };
    this.#source = open({ group: "kernel", onBatch: hear });
  }

  /** Resolves when so many have been heard. */
  async take(count: number): Promise<Done> {
    this.#count = 0;
    this.#bytes = 0;
    this.#wanted = count;
    const enough = new Promise<void>((resolve) => (this.#enough = resolve));
    this.#source.resume();
    await enough;
    return { count: this.#count, sum: this.#bytes };
  }

  close(): void {
    this.#source.close();
  }

  #heard(batch: Batch): void {
    for (let i = 0; i < batch.count; i++) {
      if (isTrusted(batch, i)) this.#bytes += (batch.ends[i] ?? 0) - (batch.starts[i] ?? 0);
    }
    this.#count += batch.count;
    if (this.#count < this.#wanted) return;
    this.#source.pause();
    this.#enough?.();
  }
}

/** From the kernel, or put into its group by the bench: native/batch.c asks the same. */
function isTrusted(batch: Batch, i: number): boolean {
  return batch.portIds[i] === 0 && batch.groups[i] === KERNEL_GROUP && batch.pids[i] !== -1;
}
