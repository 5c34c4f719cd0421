/** Milliseconds within which a second refusal is for good. */
const DENIED_MS = 1000;

/** What is refused once is tried again: something may have stood in the way. Who is refused for good says so again at once. */
export class Denial {
  #until = -Infinity;

  /** True if it is to be tried again. */
  isFirst(): boolean {
    const now = performance.now();
    const isFirst = now > this.#until;
    this.#until = now + DENIED_MS;
    return isFirst;
  }
}
