import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";

import { change, devpathOf, plugLoop } from "../loops.js";

/** Loop devices that come and go, removed at the end of its scope. */
export class LoopPool implements Disposable {
  readonly #numbers: readonly number[];
  readonly #present: Set<number>;

  constructor(size: number) {
    this.#numbers = Array.from({ length: size }, plugLoop);
    this.#present = new Set(this.#numbers);
  }

  /** All that may be there. */
  get devices(): string[] {
    return this.#numbers.map(devpathOf);
  }

  /** Those that are there. */
  get present(): string[] {
    return [...this.#present].map(devpathOf);
  }

  /** Adds the one that is not there, removes the one that is. */
  toggle(index: number): void {
    const number = this.#at(index);
    if (this.#present.delete(number)) removeLoop(number);
    else {
      addLoop(number);
      this.#present.add(number);
    }
  }

  /** Has the kernel say `change`, if it is there. */
  change(index: number): void {
    if (this.#present.has(this.#at(index))) change(devpathOf(this.#at(index)));
  }

  [Symbol.dispose](): void {
    for (const number of this.#present) removeLoop(number);
  }

  #at(index: number): number {
    return this.#numbers[index % this.#numbers.length] ?? 0;
  }
}
