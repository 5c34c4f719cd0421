import { temporaryDirectory } from "../../../../test/real/temporary.js";
import { coincidencesIn, NONE, sumOf } from "./coincidences.js";
import type { Counts } from "./coincidences.js";
import { simulate } from "./simulate.js";
import { plan } from "./steps.js";

/** What several histories came to. */
export interface Sum {
  readonly histories: number;
  readonly kills: number;
  readonly events: number;
  readonly coincidences: Counts;
  readonly failed: readonly number[];
}

export const NOTHING: Sum = { histories: 0, kills: 0, events: 0, coincidences: NONE, failed: [] };

export function both(a: Sum, b: Sum): Sum {
  return {
    histories: a.histories + b.histories,
    kills: a.kills + b.kills,
    events: a.events + b.events,
    coincidences: sumOf(a.coincidences, b.coincidences),
    failed: [...a.failed, ...b.failed],
  };
}

/** The histories of these seeds; those that fail are few, and further ones are not looked for. */
export async function simulateAll(seeds: Iterable<number>, steps: number): Promise<Sum> {
  using directory = temporaryDirectory();
  let sum = NOTHING;
  for (const seed of seeds) {
    const { faults, kills, events, happened } = await simulate(plan(seed, steps), directory.path);
    const coincidences = coincidencesIn(happened);
    sum = both(sum, { histories: 1, kills, events, coincidences, failed: faults.length > 0 ? [seed] : [] });
    if (sum.failed.length === FAILED_MAX) break;
  }
  return sum;
}

const FAILED_MAX = 3;
