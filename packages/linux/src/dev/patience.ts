const HELD_MS = 1000; // for which a directory may hold up the relay; of this time …
const REFILL = 20; // … one millisecond comes back in so many, in twice as many each time that it is given up, …
const REFILL_MAX = 1280; // … and in half as many each …
const CALM_MS = 60_000; // … in which it is not

/** How long a directory may still hold up the relay. */
export class Patience {
  #left = HELD_MS;
  #countedAt = performance.now();
  #refillThen = REFILL;
  #givenUpAt = -Infinity;

  /** Milliseconds. */
  get left(): number {
    const now = performance.now();
    this.#left = Math.min(HELD_MS, this.#left + (now - this.#countedAt) / this.#refill);
    this.#countedAt = now;
    return this.#left;
  }

  /** It has held up the relay for so many milliseconds. */
  lose(ms: number): void {
    this.#left = this.left - ms;
  }

  /** It has been given up: from now on it comes back more slowly. */
  giveUp(): void {
    this.#refillThen = Math.min(REFILL_MAX, 2 * this.#refill);
    this.#givenUpAt = performance.now();
  }

  /** Milliseconds until there are so many. */
  until(ms: number): number {
    return (ms - this.left) * this.#refill;
  }

  get #refill(): number {
    const halvings = (performance.now() - this.#givenUpAt) / CALM_MS;
    return Math.max(REFILL, this.#refillThen / 2 ** halvings);
  }
}
