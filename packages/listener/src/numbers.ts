import type { Gap } from "./types.js";

/** The relay numbers its events 1, 2, 3 …, the lost ones too: a step says how many did not come. */
export class Numbers {
  #next: number | undefined = 1;

  restart(): void {
    this.#next = 1;
  }

  /** The relay has said that so many were lost: the step to come is no news. */
  skip(lost: Gap["lost"]): void {
    this.#next = lost === "unknown" || this.#next === undefined ? undefined : this.#next + lost;
  }

  /** How many are missing before this one. A smaller number than expected is another relay's count. */
  take(seq: number): number {
    const missing = seq - (this.#next ?? seq);
    this.#next = seq + 1;
    return Math.max(missing, 0);
  }
}
