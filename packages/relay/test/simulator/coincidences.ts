/** What may coincide. */
export const FEATURES = ["overrun", "move", "bind", "policy", "crash"] as const;

export type Feature = (typeof FEATURES)[number];

/** Steps in a row within which things coincide. */
const WINDOW = 12;

/** For each combination of features, as the bits of its index, how many histories had it. */
export type Counts = readonly number[];

const COMBINATIONS = 2 ** FEATURES.length;

export const NONE: Counts = Array.from({ length: COMBINATIONS }, () => 0);

/** A history has a combination if, in steps in a row, these happened and none of the others. */
export function coincidencesIn(happened: readonly ReadonlySet<Feature>[]): Counts {
  const bits = happened.map((each) => FEATURES.reduce((sum, feature, i) => sum + (each.has(feature) ? 2 ** i : 0), 0));
  const had = new Set(bits.map((_, at) => bits.slice(at, at + WINDOW).reduce((a, b) => a | b, 0)));
  return NONE.map((_, combination) => (had.has(combination) ? 1 : 0));
}

export function sumOf(a: Counts, b: Counts): Counts {
  return a.map((count, i) => count + (b[i] ?? 0));
}

/** The names of what no history had. */
export function missingIn(counts: Counts): string[] {
  return counts.flatMap((count, combination) => (count === 0 ? [featuresOf(combination).join(" × ") || "none"] : []));
}

/** One line for each combination. */
export function tableOf(counts: Counts): string {
  const width = Math.max(...FEATURES.map(({ length }) => length)) + 2;
  const line = (cells: readonly string[], last: string) =>
    `${cells.map((cell) => cell.padEnd(width)).join("")}${last.padStart(9)}`;
  const rows = counts.map((count, combination) => {
    const has = new Set<string>(featuresOf(combination));
    return line(
      FEATURES.map((feature) => (has.has(feature) ? feature : "–")),
      `${count}`,
    );
  });
  return [
    `Histories in which ${WINDOW} steps in a row had these and no others:`,
    line(FEATURES, "histories"),
    ...rows,
  ].join("\n");
}

function featuresOf(combination: number): readonly Feature[] {
  return FEATURES.filter((_, i) => combination & (2 ** i));
}
