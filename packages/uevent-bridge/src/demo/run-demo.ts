import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { STATUS } from "../command/error.js";
import type { Status } from "../command/error.js";
import type { Io } from "../command/io.js";
import { printable } from "../text/printable.js";
import { leftBehind, takeCensus } from "./census.js";
import { nextCommands } from "./next-commands.js";
import { perform } from "./perform.js";
import type { Policies } from "./perform.js";
import { Printer } from "./printer.js";
import type { Stage } from "./stage.js";
import { judge } from "./verdict.js";

/** The rules that the demo shows at work. */
export function honestPolicies({ device, bystander }: Stage): Policies {
  return { box: { allow: [device] }, other: { allow: [bystander] } };
}

export interface DemoOptions {
  /** Default: the honest ones. */
  readonly policies?: Policies;
  /** Milliseconds between steps, for the eye. */
  readonly paceMs?: number;
}

/** What a stage and its containers make files in; removed afterwards, whatever happens. */
export async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "uevent-bridge-demo-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/**
 * Has the stage's events happen before a container that may see them and one that may not, shows it, and judges what was
 * read: 1 if it was not exactly what the policies say.
 */
export async function runDemo(stage: Stage, io: Io, directory: string, options: DemoOptions = {}): Promise<Status> {
  const printer = new Printer(io.stdout);
  const namespaces = new Set<string>();
  const before = takeCensus(directory, namespaces);
  const evidence = await perform({
    policies: options.policies ?? honestPolicies(stage),
    paceMs: options.paceMs ?? 120,
    stage,
    directory,
    namespaces,
    signal: io.signal,
    onReady: (containers) => printer.ready(containers),
    onStep: (soFar) => printer.step(soFar),
  });
  const left = leftBehind(before, takeCensus(directory, namespaces));
  const verdict = judge(evidence);
  printer.close(verdict, left, await nextCommands(io));
  const kept = Object.entries(left).filter(([, count]) => count > 0);
  const problems = [...verdict.problems, ...kept.map(([what, count]) => `${count} ${what} were left behind`)];
  for (const problem of problems) await io.stderr.write(`uevent-bridge: ${printable(problem)}\n`);
  return problems.length > 0 ? STATUS.world : STATUS.done;
}
