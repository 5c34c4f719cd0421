import type { Batch, Source, SourceOptions } from "@uevent-bridge/kernel";

import type { Done } from "./serve.js";

/** Bytes that a source of the host asks for; as native/netns.c. */
export const RECEIVE_BUFFER = 128 * 2 ** 20;

const KERNEL_GROUP = 1;
const OF_THE_KERNEL = 0; // pid in its credentials

/**
 * The uevents of one of the bench's namespaces, which flow while a number of them is waited for. They say that they are the
 * kernel's: they were injected, and carry their injector's pid.
 */
export class Stream {
  readonly #source: Source;
  #count = 0;
  #bytes = 0;
  #wanted = 0;
  #enough: (() => void) | undefined;

  constructor(open: (options: SourceOptions) => Source, onBatch: (batch: Batch) => void = () => {}) {
    const hear = (batch: Batch): void => {
      this.#count += batch.count;
      this.#bytes += trustedBytes(batch);
      batch.pids.fill(OF_THE_KERNEL, 0, batch.count);
      onBatch(batch);
      this.#heard();
    };
    this.#source = open({ group: "kernel", onBatch: hear });
  }

  /** For whom it is the only source: it flows when `take` says so. */
  get source(): Source {
    const source = this.#source;
    return {
      receiveBuffer: source.receiveBuffer,
      resume: () => {},
      pause: () => {},
      drain: () => source.drain(),
      ref: () => source.ref(),
      unref: () => source.unref(),
      close: () => source.close(),
    };
  }

  /** Resolves when so many have been heard. */
  async take(count: number): Promise<Done> {
    this.#count = 0;
    this.#bytes = 0;
    this.#wanted = count;
    if (count > 0) await this.#flow();
    return { count: this.#count, sum: this.#bytes };
  }

  close(): void {
    this.#source.close();
  }

  #flow(): Promise<void> {
    return new Promise((resolve) => {
      this.#enough = resolve;
      this.#source.resume();
    });
  }

  #heard(): void {
    if (this.#count < this.#wanted) return;
    this.#source.pause();
    this.#enough?.();
  }
}

/** Bytes that came from the kernel, or were put into its group by the bench: native/batch.c asks the same. */
function trustedBytes({ count, starts, ends, portIds, groups, pids }: Batch): number {
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const isTrusted = portIds[i] === 0 && groups[i] === KERNEL_GROUP && pids[i] !== -1;
    if (isTrusted) bytes += (ends[i] ?? 0) - (starts[i] ?? 0);
  }
  return bytes;
}
