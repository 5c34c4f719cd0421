import { join } from "node:path";

import { temporaryDirectory } from "../temporary.js";
import type { Call } from "./calls.js";
import { callsOf, isTriedIn, kindOf, samples } from "./calls.js";
import type { InjectedStage, Outcome } from "./stage.js";
import { linesOf } from "./traced-relay.js";

export const ERRORS = ["EMFILE", "ENOSPC", "EPERM", "ENOMEM"] as const;
export type ErrorName = (typeof ERRORS)[number];

/** One call of the system that fails. */
export interface Case {
  readonly call: Call;
  readonly error: ErrorName;
}

/** What came of one. */
export interface Result extends Outcome {
  readonly name: string;
  readonly error: ErrorName;
  /** The call that failed, as strace wrote it; undefined: none did, as the run went another way. */
  readonly failed: string | undefined;
}

/** What a relay that nothing happens to calls, of each kind some. */
export async function record(stage: InjectedStage): Promise<readonly Call[]> {
  using directory = temporaryDirectory();
  const file = join(directory.path, "trace");
  let main = 0;
  const outcome = await stage.run((pid) => ((main = pid), { file, words: ["-y", "-s", "400"] }));
  if (outcome.faults.length > 0) throw new Error(outcome.faults.join("\n"));
  return samples(callsOf(linesOf(file), main, stage.names));
}

export const casesOf = (calls: readonly Call[]): readonly Case[] =>
  calls.flatMap((call) => ERRORS.map((error) => ({ call, error })));

export async function inject(stage: InjectedStage, { call, error }: Case): Promise<Result> {
  const { name, number } = call;
  using directory = temporaryDirectory();
  const file = join(directory.path, "trace");
  const words = ["-y", "-e", `trace=${name}`, "-e", `inject=${name}:error=${error}:when=${number}`];
  const outcome = await stage.run(() => ({ file, words }));
  const line = linesOf(file).find((each) => each.endsWith("(INJECTED)"));
  if (!line || !isTriedIn(line)) return { errors: [], warnings: [], faults: [], name, error, failed: undefined }; // threads took turns otherwise
  return { ...outcome, name, error, failed: kindOf(line, stage.names) };
}
