import type { Batch } from "./source.js";

/** Whether something was lost behind what a source has read last. */
export class Hole {
  /** Behind all that waits: `ahead` until that has been read. What is read then came after it. */
  #place: "nowhere" | "ahead" | "behind";

  /** @param isThere as whoever had the source before left it */
  constructor(isThere = false) {
    this.#place = isThere ? "ahead" : "nowhere";
  }

  get isThere(): boolean {
    return this.#place !== "nowhere";
  }

  /** Hears of all that is read. True if it is there now and was not, or the other way round. */
  read({ count, overrun, drained }: Pick<Batch, "count" | "overrun" | "drained">): boolean {
    const was = this.isThere;
    if (count > 0 && this.#place === "behind") this.#place = "nowhere";
    if (overrun) this.#place = "ahead";
    if (drained && this.#place === "ahead") this.#place = "behind";
    return this.isThere !== was;
  }
}
