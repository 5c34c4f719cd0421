import { summarize } from "./statistics.js";
import type { Summary } from "./statistics.js";

/** One way to do the work of a scenario. */
export interface Contestant {
  readonly name: string;
  /** Does a round of it. Returns what one piece of the work cost, in ns. @throws Error it did not do all */
  round(): Promise<number> | number;
}

export interface Plan {
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmUp: number;
}

/**
 * Lets all do their rounds in turn, each time another one first, so that what else the machine does hits all alike.
 * Returns the summary of each, in their order.
 */
export async function race<const Contestants extends readonly Contestant[]>(
  contestants: Contestants,
  { rounds, warmUp }: Plan,
): Promise<{ [Each in keyof Contestants]: Summary }> {
  const samples = contestants.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const who = (turn + round + warmUp) % contestants.length;
      const cost = await contestants[who]?.round();
      if (round >= 0 && cost !== undefined) samples[who]?.push(cost);
    }
  }
  return samples.map(summarize) as { [Each in keyof Contestants]: Summary };
}
