import type { Share } from "../share.js";

/** What waits, as far as a budget is concerned with it. */
interface Sized {
  readonly bytes: Uint8Array;
}

/** Who did not read until there was no room any more is merged each time that one part in so many of it is taken, until all is read. */
const STEPS = 256;

/** Bytes that may wait for one receiver: what it does not read is its own loss. */
export class Budget {
  readonly #limit: number;
  #used = 0;
  #mergeAt: number;
  #merge: () => Iterable<Sized> | undefined = () => [];
  #isMergedInVain = false;
  #merged = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
    this.#mergeAt = limit;
  }

  /**
   * Where there is no room any more.
   * @param merge takes out of what waits what has become needless
   * @param share of the time in which it may
   */
  mergeBy(merge: () => Iterable<Sized>, share: Share): void {
    this.#merge = () => (share.wait > 0 ? undefined : share.take(merge));
  }

  /**
   * Takes out what has become needless, if it has to. False if nothing more may wait. To merge takes as long as there is much that waits:
   * it has to be worth it, and whoever has made it needed once has it done often, which takes no time that anybody notices.
   */
  makeRoom(): boolean {
    if (this.#used < this.#mergeAt) return true;
    if (!this.#isMergedInVain) this.#mergeNow();
    return this.#used < this.#limit;
  }

  take(bytes: Uint8Array): void {
    this.#used += bytes.length;
  }

  give(bytes: Uint8Array): void {
    this.#used -= bytes.length;
    if (this.#used <= this.#limit / 2) this.#isMergedInVain = false;
  }

  /** All that waited was sent. Returns how many had been taken out of it. */
  takeMerged(): number {
    const merged = this.#merged;
    this.#merged = 0;
    this.#mergeAt = this.#limit;
    return merged;
  }

  #mergeNow(): void {
    const isFull = this.#used >= this.#limit;
    const needless = this.#merge();
    if (!needless) return; // the next one is another try
    for (const { bytes } of needless) {
      this.give(bytes);
      this.#merged++;
    }
    this.#isMergedInVain = isFull && this.#used > this.#limit / 2;
    this.#mergeAt = Math.min(Math.max(2 * this.#used, this.#limit / STEPS), this.#limit);
  }
}
