import { markdownTable } from "markdown-table";

import type { Sample } from "./sample.js";
import { trendOf } from "./trend.js";

const MILLION = 1e6;
const KIBIBYTE = 1024;

/** What may not grow, in units of which; flat is what with 95 % confidence grows by less than `bound` with a million events. */
const KINDS = [
  { what: "memory (RSS), KiB", of: ({ rss }: Sample) => rss / KIBIBYTE, bound: 2048 },
  { what: "of it JavaScript's, KiB", of: ({ heap }: Sample) => heap / KIBIBYTE, bound: 1024 },
  { what: "descriptors", of: ({ descriptors }: Sample) => descriptors, bound: 0.5 },
  { what: "handles", of: ({ handles }: Sample) => handles, bound: 0.5 },
  { what: "inotify watches", of: ({ watches }: Sample) => watches, bound: 0.5 },
  { what: "network namespaces", of: ({ namespaces }: Sample) => namespaces, bound: 0.5 },
] as const;

export interface Finding {
  readonly what: string;
  readonly first: number;
  readonly last: number;
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly bound: number;
}

/** How each grew from the first million events on. */
export function findingsOf(samples: readonly Sample[]): readonly Finding[] {
  const counted = samples.filter(({ events }) => events >= MILLION);
  const [first, last] = [counted[0], counted.at(-1)];
  if (!first || !last || counted.length < 3) return [];
  return KINDS.map(({ what, of, bound }) => {
    const trend = trendOf(counted.map((sample) => ({ x: sample.events / MILLION, y: of(sample) })));
    return { what, first: of(first), last: of(last), ...trend, bound };
  });
}

export const isFlat = ({ high, bound }: Finding): boolean => high < bound;

export function findingsTable(findings: readonly Finding[]): string {
  const head = [
    "",
    "after a million events",
    "at the end",
    "a million more adds",
    "at most (95 %)",
    "flat is less than",
    "",
  ];
  const rows = findings.map((finding) => {
    const { what, first, last, slope, high, bound } = finding;
    const [from, to] = [first, last].map((each) => each.toFixed(0));
    return [what, from, to, slope.toFixed(1), high.toFixed(1), `${bound}`, verdict(finding)];
  });
  return markdownTable([head, ...rows], { align: ["l", "r", "r", "r", "r", "r", "l"] });
}

function verdict(finding: Finding): string {
  if (isFlat(finding)) return "flat";
  return finding.low > 0 ? "GROWS" : "too few samples to tell";
}
