const UNITS = [
  { unit: "ns", ns: 1 },
  { unit: "µs", ns: 1e3 },
  { unit: "ms", ns: 1e6 },
] as const;

/** `381 ns`, `4.84 µs`, `2.1 ms`. */
export function time(ns: number): string {
  const { unit, ns: one } = UNITS.findLast((each) => ns >= each.ns) ?? UNITS[0];
  return `${three(ns / one)} ${unit}`;
}

/** Three digits, more only in front of the point. */
export function three(value: number): string {
  const behind = Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 0.01))));
  return value.toFixed(Math.min(2, behind));
}
