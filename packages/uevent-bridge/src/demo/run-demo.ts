import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { STATUS } from "../command/error.js";
import type { Status } from "../command/error.js";
import type { Io } from "../command/io.js";
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

/**
 * Has the stage's events happen before a container that may see them and one that may not, shows it, and judges what was
 * read: 1 if it was not exactly what the policies say.
 */
export async function runDemo(stage: Stage, io: Io, policies: Policies = honestPolicies(stage)): Promise<Status> {
  const directory = await mkdtemp(join(tmpdir(), "uevent-bridge-demo-"));
  try {
    return await show(stage, io, policies, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function show(stage: Stage, io: Io, policies: Policies, directory: string): Promise<Status> {
  const printer = new Printer(io.stdout);
  const namespaces = new Set<string>();
  const before = takeCensus(directory, namespaces);
  const evidence = await perform({
    stage,
    policies,
    directory,
    namespaces,
    signal: io.signal,
    onReady: (containers) => printer.ready(containers),
    onStep: (soFar) => printer.step(soFar),
  });
  const left = leftBehind(before, takeCensus(directory, namespaces));
  const verdict = judge(evidence);
  const kept = Object.entries(left).flatMap(([what, count]) =>
    count > 0 ? [`${count} ${what} were left behind`] : [],
  );
  printer.close(verdict, left, await nextCommands(stage.kernel, directory, io.self));
  const problems = [...verdict.problems, ...kept];
  for (const problem of problems) await io.stderr.write(`uevent-bridge: ${problem}\n`);
  return problems.length > 0 ? STATUS.world : STATUS.done;
}
