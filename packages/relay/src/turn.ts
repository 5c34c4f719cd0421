/** Milliseconds. */
const TURN_MS = 4;

/** Part of a turn of the event loop: whoever has still something to do when it is over does it in the next. */
export class Turn {
  #until: number | undefined;

  get isOver(): boolean {
    const now = performance.now();
    if (this.#until === undefined) this.#begin(now);
    return this.#until !== undefined && now >= this.#until;
  }

  #begin(now: number): void {
    this.#until = now + TURN_MS;
    setImmediate(() => (this.#until = undefined));
  }
}
