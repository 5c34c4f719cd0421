import type { Io } from "../command/io.js";
import type { Rung, Stage } from "./stage.js";

/** Where the demo stands on the ladder. */
export interface Standing {
  readonly stage: Stage;
  /** Counted from 1, the best. */
  readonly height: number;
  readonly rung: Rung;
  /** Why the better ones cannot be had, a sentence each. */
  readonly missed: readonly string[];
}

/** The first rung that holds. @throws Error none does */
export async function climb(rungs: readonly Rung[], io: Io, directory: string): Promise<Standing> {
  const missed: string[] = [];
  for (const [i, rung] of rungs.entries()) {
    const stage = await rung.open(io, directory);
    if (typeof stage !== "string") return { stage, rung, height: i + 1, missed };
    missed.push(`${rung.name} (${stage})`);
  }
  throw new Error(`no rung holds: ${missed.join(", ")}`);
}

/** Which rung this is and what would give a better one. */
export function describeStanding({ stage, height, missed }: Standing, rungs: number): string {
  const here = `rung ${height} of ${rungs}: ${stage.title}`;
  return `${here}. ${missed.length === 0 ? "There is no better one" : `Better ones: ${missed.join(", ")}`}`;
}
