import { literal } from "@uevent-bridge/filter";
import fc from "fast-check";

/** Patterns of which most match the value, and some nearly do. */
export function patternNear(value: string): fc.Arbitrary<string> {
  const chars = Array.from(value);
  const cut = fc.integer({ min: 0, max: Math.max(0, chars.length - 1) });
  const part = (from: number, to?: number) => literalPart(chars.slice(from, to));
  const around = (middle: (char: string) => string) =>
    cut.map((at) => `${part(0, at)}${middle(chars[at] ?? "x")}${part(at + 1)}`);
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(literal(value)) },
    cut.map((at) => `${part(0, at)}*`),
    cut.map((at) => `*${part(at)}`),
    fc.tuple(cut, cut).map(([a, b]) => `${part(0, Math.min(a, b))}*${part(Math.max(a, b))}`),
    around(() => "?"),
    around((char) => `[\\${char}]`),
    around((char) => `[a-z0-9\\${char}]`),
    around((char) => `[!\\${char}~]`),
    around(() => "[!~]"),
    fc.constant(`${literal(value)}|other`),
    fc.constant(`other*|${literal(value)}`),
    fc.constant(`${literal(value)}x`),
    fc.constant("*"),
  );
}

/** Every character escaped that could mean something, in a part of a value too. */
function literalPart(chars: readonly string[]): string {
  return chars.map((char) => (/[\\,|*?[\]= \n]/.test(char) ? `\\${char}` : char)).join("");
}

/** Path patterns of which most match the devpath or an ancestor's. */
export function pathNear(devpath: string): fc.Arbitrary<string> {
  const names = devpath.split("/").slice(2);
  const segments = names.map((name) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(literal(name)) },
      { weight: 1, arbitrary: fc.constantFrom("*", "**", "?*", "[!.]*") },
      { weight: 1, arbitrary: segmentNear(name) },
    ),
  );
  const cut = fc.nat(names.length);
  return fc.tuple(fc.tuple(...segments), cut, cut).map(([all, a, b]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const skipped = (a + b) % 2 === 0 ? all.slice(from, to) : ["**"];
    return ["/devices", ...all.slice(0, from), ...skipped, ...all.slice(to, to + 2)].join("/");
  });
}

/** A segment knows no alternatives and never matches nothing. */
function segmentNear(name: string): fc.Arbitrary<string> {
  return patternNear(name).filter((pattern) => !/(?<!\\)\|/.test(pattern) && !pattern.includes("**") && pattern !== "");
}
