import { describe, expect, test } from "vitest";

import { findingsOf, isFlat } from "../bench/soak/findings.js";
import type { Sample } from "../bench/soak/sample.js";
import { trendOf } from "../bench/soak/trend.js";

const MILLION = 1e6;

/** Samples of ten million events, with the noise of a garbage collector, and what else each has. */
function samples(more: (millions: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: 100 }, (_, i) => {
    const noise = ((i * 7919) % 101) / 101;
    const still = { overruns: 0, descriptors: 80, handles: 1, watches: 6, namespaces: 6 };
    const events = (i + 1) * (MILLION / 10);
    return { ...still, events, rss: 150e6 + noise * 8e6, heap: 20e6 + noise * 3e5, ...more(events / MILLION) };
  });
}

const notFlat = (all: readonly Sample[]): string[] =>
  findingsOf(all)
    .filter((finding) => !isFlat(finding))
    .map(({ what }) => what);

describe("what a soak finds", () => {
  test("is nothing where all goes up and down", () => {
    expect(notFlat(samples(() => ({})))).toEqual([]);
  });

  test("is nothing where it grows in the first million events alone", () => {
    expect(notFlat(samples((millions) => ({ descriptors: Math.min(80, 60 + millions * 30) })))).toEqual([]);
  });

  test.each<[string, (millions: number) => Partial<Sample>]>([
    ["of it JavaScript's, KiB", (millions) => ({ heap: 20e6 + millions * 2e6 })], // two bytes of each event
    ["descriptors", (millions) => ({ descriptors: 80 + Math.floor(millions) })],
    ["network namespaces", (millions) => ({ namespaces: 6 + Math.floor(millions * 2) })],
  ])("is a leak: %s", (what, more) => {
    expect(notFlat(samples(more))).toEqual([what]);
  });

  test("is not a few samples that are far out", () => {
    const points = Array.from({ length: 40 }, (_, x) => ({ x, y: x % 10 === 9 ? 1000 : 5 + (x % 3) }));
    expect(Math.abs(trendOf(points).slope)).toBeLessThan(0.1);
  });
});
