import { quietRounds, summarize } from "./statistics.js";
import type { Summary } from "./statistics.js";

/** What one piece of the work cost, in ns. */
export interface Cost {
  /** Processor time of whoever did it, all threads and children: what other programs on the machine take is not in it. */
  readonly cpu: number;
  /** By the clock on the wall. */
  readonly clock: number;
}

/** One way to do the work of a scenario. */
export interface Contestant {
  /** Does a round of it. @throws Error it did not do all */
  round(): Promise<Cost> | Cost;
}

/** The costs of all rounds. */
export type Costs = { readonly [Kind in keyof Cost]: Summary };

export interface Plan {
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmUp: number;
  /** Number of the contestant by whose cost a round of a busy machine is known, and left out; absent: all count. */
  readonly reference?: number;
}

/**
 * Lets all do their rounds in turn, each time another one first, so that what else the machine does hits all alike.
 * Returns the costs of each, in their order.
 */
export async function race<const Contestants extends readonly Contestant[]>(
  contestants: Contestants,
  { rounds, warmUp, reference }: Plan,
): Promise<{ [Each in keyof Contestants]: Costs }> {
  const costs = contestants.map((): Cost[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const who = (turn + round + warmUp) % contestants.length;
      const cost = await contestants[who]?.round();
      if (round >= 0 && cost) costs[who]?.push(cost);
    }
  }
  const counts = reference === undefined ? undefined : quietRounds(costs[reference]?.map(({ cpu }) => cpu) ?? []);
  const counted = costs.map((each) => each.filter((_, round) => counts?.has(round) ?? true));
  return counted.map(summarizeBoth) as { [Each in keyof Contestants]: Costs };
}

function summarizeBoth(costs: readonly Cost[]): Costs {
  return { cpu: summarize(costs.map(({ cpu }) => cpu)), clock: summarize(costs.map(({ clock }) => clock)) };
}
