/** What rounds of the same work cost. */
export interface Summary {
  readonly median: number;
  /** Quartiles: half of all rounds lie between them. */
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

export function summarize(samples: readonly number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    low: quantile(samples, 0.25),
    high: quantile(samples, 0.75),
    rounds: samples.length,
  };
}

/** How much longer than at its quickest a reference may take in a round of a quiet machine. */
const QUIET = 1.25;
const QUICKEST = 0.1; // share of all rounds
const FEWEST = 5;

/**
 * Numbers of the rounds in which the machine was quiet, judged by what they cost a reference alone: for figures that are times and no
 * ratios. All, where too few were.
 */
export function quietRounds(reference: readonly number[]): ReadonlySet<number> {
  const bound = QUIET * quantile(reference, QUICKEST);
  const all = [...reference.keys()];
  const quiet = all.filter((round) => (reference[round] ?? NaN) <= bound);
  return new Set(quiet.length >= FEWEST ? quiet : all);
}

/** The value below which this share of the samples lies, between the two nearest ones. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}
