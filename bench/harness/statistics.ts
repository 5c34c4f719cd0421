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

/** The value below which this share of the samples lies, between the two nearest ones. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}
