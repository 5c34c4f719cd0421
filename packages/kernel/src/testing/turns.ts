const { setImmediate } = globalThis; // kept from here, so that fake timers of a test do not stop the fake kernel
const ENDLESS = 1_000_000; // turns

/** What happens "later": one task after the other, on turns of the event loop or all at once by `run()`. */
export class Turns {
  #tasks: (() => void)[] = [];
  #scheduled = false;

  /** Runs `task` on a later turn, after all that were added before. */
  add(task: () => void): void {
    this.#tasks.push(task);
    this.#schedule();
  }

  /** What `compute` gives on a later turn; what it throws, the promise rejects with. */
  later<T>(compute: () => T): Promise<T> {
    const computed = async (): Promise<T> => compute();
    return new Promise((resolve) => this.add(() => resolve(computed())));
  }

  /** Runs everything now, also what the tasks add. @throws Error when that never ends */
  run(): void {
    for (let turn = 0; this.#tasks.length > 0; turn++) {
      if (turn === ENDLESS) throw new Error(`still busy after ${ENDLESS} turns: does a callback cause its own event?`);
      this.#next();
    }
  }

  /** Resolves when nothing is left to run, and nothing came of the promises that were resolved. */
  async idle(): Promise<void> {
    do {
      this.run();
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (this.#tasks.length > 0);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#tasks.length === 0) return;
    try {
      this.#next();
    } finally {
      if (this.#tasks.length > 0) this.#schedule();
    }
  }

  #next(): void {
    this.#tasks.shift()?.();
  }
}
