/** One for each edge of the code that is fuzzed, which scripts/fuzz/counted.mjs puts in front of the bundle. */
declare const __edges: Uint16Array;

/** How often an edge was passed, as one of eight bits: 1, 2, 3, 4 …, 8 …, 16 …, 32 …, 128 … */
function bucket(count: number): number {
  if (count <= 3) return 1 << (count - 1);
  return 1 << Math.min(7, count < 8 ? 3 : count < 16 ? 4 : count < 32 ? 5 : count < 128 ? 6 : 7);
}

/** Which edges have been passed, and, unless that is not to be told apart, how often by one input. */
export class Coverage {
  readonly #seen = new Uint8Array(__edges.length);
  readonly #bitOf: (count: number) => number;

  constructor(countsPasses: boolean) {
    this.#bitOf = countsPasses ? bucket : () => 1;
  }

  /** Edges that some input has passed. */
  get edges(): number {
    return this.#seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
  }

  /** Before each input. */
  begin(): void {
    __edges.fill(0);
  }

  /** After it: true if it did what none before did. */
  learn(): boolean {
    let isNew = false;
    for (let i = 0; i < __edges.length; i++) {
      const count = __edges[i] as number;
      if (count === 0) continue;
      const bit = this.#bitOf(count);
      if (((this.#seen[i] as number) & bit) !== 0) continue;
      (this.#seen[i] as number) |= bit;
      isNew = true;
    }
    return isNew;
  }
}
