import type { Batch, Kernel, Source } from "@uevent-bridge/kernel";

import { attempt, troubleOf } from "./errors.js";

/** Milliseconds for which it is believed that udevd runs, or does not: to look means to read a list of the system's. */
const LOOK_MS = 1000;

/** The udevd of the host, if one runs, and what it says. */
export class HostUdev {
  readonly #kernel: Kernel;
  readonly #onBatch: (batch: Batch) => void;
  #source: Source | undefined;
  #runs = false;
  #seen = -Infinity;

  constructor(kernel: Kernel, onBatch: (batch: Batch) => void) {
    this.#kernel = kernel;
    this.#onBatch = onBatch;
  }

  /** True if it runs: then it is heard from now on. */
  get isHeard(): boolean {
    const now = performance.now();
    if (now < this.#seen + LOOK_MS) return this.#runs;
    this.#seen = now;
    this.#runs = this.#look();
    return this.#runs;
  }

  close(): void {
    this.#source?.close();
  }

  #look(): boolean {
    try {
      const runs = this.#kernel.udevRuns();
      if (runs) this.#source ??= this.#open();
      return runs;
    } catch (error) {
      if (troubleOf(error).code !== "SYSTEM_REFUSED") throw error;
      return this.#runs; // as it was, until the next look
    }
  }

  #open(): Source {
    const source = attempt(() => this.#kernel.openSource({ group: "udev", onBatch: this.#onBatch }));
    source.resume();
    source.unref(); // the host's source holds the process
    return source;
  }
}
