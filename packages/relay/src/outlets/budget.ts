import type { Share } from "../share.js";

/** What waits, as far as a budget is concerned with it. */
interface Sized {
  readonly bytes: Uint8Array;
}

/** Bytes that may wait for one receiver: what it does not read is its own loss. */
export class Budget {
  readonly #limit: number;
  #used = 0;
  #merge: () => Iterable<Sized> = () => [];
  #isMergedInVain = false;
  #merged = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Where there is no room any more.
   * @param merge takes out of what waits what has become needless
   * @param share of the time in which it may
   */
  mergeBy(merge: () => Iterable<Sized>, share: Share): void {
    this.#merge = () => (share.wait > 0 ? [] : share.take(merge));
  }

  /** Takes out what has become needless, if it has to. False if nothing more may wait. To merge takes as long as there is much that waits, so that it has to be worth it. */
  makeRoom(): boolean {
    if (this.#used < this.#limit) return true;
    if (this.#isMergedInVain) return false;
    for (const { bytes } of this.#merge()) {
      this.give(bytes);
      this.#merged++;
    }
    this.#isMergedInVain = this.#used > this.#limit / 2;
    return !this.#isMergedInVain;
  }

  take(bytes: Uint8Array): void {
    this.#used += bytes.length;
  }

  give(bytes: Uint8Array): void {
    this.#used -= bytes.length;
    if (this.#used <= this.#limit / 2) this.#isMergedInVain = false;
  }

  /** How many were taken out since this was asked. */
  takeMerged(): number {
    const merged = this.#merged;
    this.#merged = 0;
    return merged;
  }
}
