/** Bytes that may wait for one receiver: what it does not read is its own loss. */
export class Budget {
  readonly #limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isSpent(): boolean {
    return this.#used >= this.#limit;
  }

  take(bytes: Uint8Array): void {
    this.#used += bytes.length;
  }

  give(bytes: Uint8Array): void {
    this.#used -= bytes.length;
  }
}
