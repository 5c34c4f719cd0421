/** Of the time, one part in so many, */
const SHARE = 5;
/** but for so many milliseconds of it that may be taken in advance; */
const CREDIT_MS = 200;
/** and whatever was taken, nobody waits longer than this. */
const WAIT_MAX_MS = 1000;

/**
 * The time that the relay spends on what a container brings about itself, as by listeners that come and go: it is bounded,
 * so that the others do not wait for it.
 */
export class Share {
  /** When what was taken is made up for. */
  #madeUp = 0;
  #since: number | undefined;

  /** Milliseconds until more may be taken; 0 if it may be now. */
  get wait(): number {
    const now = this.#charge();
    return Math.max(0, this.#madeUp - CREDIT_MS - now);
  }

  /** Charges the time from `since` until now, in which others had their turns too: work on another thread. */
  charge(since: number): void {
    this.#add(since, performance.now());
  }

  /** Charges the time that `work` takes; work within work is not charged twice. */
  take<T>(work: () => T): T {
    if (this.#since !== undefined) return work();
    this.#since = performance.now();
    try {
      return work();
    } finally {
      this.#charge();
      this.#since = undefined;
    }
  }

  #charge(): number {
    const now = performance.now();
    if (this.#since === undefined) return now;
    this.#add(this.#since, now);
    this.#since = now;
    return now;
  }

  #add(since: number, now: number): void {
    const madeUp = Math.max(since, this.#madeUp) + SHARE * (now - since);
    this.#madeUp = Math.min(madeUp, now + CREDIT_MS + WAIT_MAX_MS);
  }
}
