import type { Batch } from "./source.js";

/** Whether something was lost behind what a source reads: until all that waited has been read. What is read then came after it. */
export class Hole {
  #isThere: boolean;

  /** @param isThere as whoever had the source before left it */
  constructor(isThere = false) {
    this.#isThere = isThere;
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  /** Hears of all that is read. True if it is there now and was not, or the other way round. */
  read({ overrun, drained }: Pick<Batch, "overrun" | "drained">): boolean {
    const was = this.#isThere;
    this.#isThere = (was || overrun) && !drained;
    return this.#isThere !== was;
  }
}
