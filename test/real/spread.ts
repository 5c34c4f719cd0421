import { markdownTable } from "markdown-table";

import { quantile } from "../../bench/harness/statistics.js";

/** A table of what was seen of each of some: the least, the median and the most. */
export function spread(of: string, rows: readonly (readonly [what: string, values: readonly number[]])[]): string {
  const cells = rows.map(([what, values]) => [
    what,
    ...[Math.min(...values), quantile(values, 0.5), Math.max(...values)].map((each) => each.toFixed(0)),
  ]);
  return markdownTable([[of, "least", "median", "most"], ...cells], { align: ["l", "r", "r", "r"] });
}
