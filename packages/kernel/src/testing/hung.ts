/** An attribute that does not answer. */
export class HungAttribute {
  readonly #waiting = new Set<{ answer: () => void; giveUp: () => void }>();
  #released = false;
  #gaveUp = false;

  /** Somebody has gone without an answer. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  get released(): boolean {
    return this.#released;
  }

  /** How many reads wait for it. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The driver answers: who waits gets the value, and so does who reads it from now on. */
  release(): void {
    this.#released = true;
    for (const read of this.#waiting) read.answer();
  }

  /** Time passes: who waits now goes without an answer. */
  timeOut(): void {
    for (const read of this.#waiting) read.giveUp();
  }

  /** Waits for the answer, at most `timeoutMs`. */
  wait<T>(timeoutMs: number, answer: () => T): Promise<T | undefined> {
    return new Promise((resolve) => {
      const settle = (value: T | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(read);
        resolve(value);
      };
      const read = { answer: () => settle(answer()), giveUp: () => ((this.#gaveUp = true), settle(undefined)) };
      const timer = setTimeout(read.giveUp, timeoutMs);
      this.#waiting.add(read);
    });
  }
}
