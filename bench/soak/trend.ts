import { quantile } from "../harness/statistics.js";

export interface At {
  readonly x: number;
  readonly y: number;
}

/** How y grows with x, by Theil and Sen: the median of the slopes between all pairs, which single outliers do not move. */
export interface Trend {
  readonly slope: number;
  /** With 95 % confidence it lies between these. */
  readonly low: number;
  readonly high: number;
}

const SURE = 1.96; // standard deviations

export function trendOf(points: readonly At[]): Trend {
  const slopes = points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.y - a.y) / (b.x - a.x)));
  const n = points.length;
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18); // of Kendall's S
  const share = Math.min(1, (1 + (SURE * deviation) / slopes.length) / 2);
  return { slope: quantile(slopes, 0.5), low: quantile(slopes, 1 - share), high: quantile(slopes, share) };
}
