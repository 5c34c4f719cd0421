import { release } from "node:os";

import { BridgeError } from "@uevent-bridge/relay";
import type { Kernel } from "@uevent-bridge/kernel";

import { asBridgeError } from "../bridge-errors.js";
import type { Io } from "../command/io.js";
import { problem } from "./finding.js";
import type { Finding } from "./finding.js";
import { checkDirectory, checkListening, checkRelease, checkUdev } from "./host.js";
import { checkRelays } from "./relays.js";
import { checkTarget } from "./target.js";

/** Looks at all that could keep events away from containers, and from one process's. */
export async function examine(pid: number | undefined, io: Io): Promise<Finding[]> {
  const findings = [checkRelease(release())];
  const look = async (check: string, work: () => Promise<Finding | Finding[]>): Promise<void> => {
    findings.push(...(await found(check, work)));
  };
  let kernel: Kernel | undefined;
  await look("addon", async () => ((kernel = await io.openKernel()), []));
  if (kernel) await examineWith(kernel, pid, look);
  if (pid !== undefined) await look("relay", () => checkRelays(io.runtime, pid));
  await look("sockets", () => checkDirectory(io.runtime));
  return findings;
}

type Look = (check: string, work: () => Promise<Finding | Finding[]>) => Promise<void>;

async function examineWith(kernel: Kernel, pid: number | undefined, look: Look): Promise<void> {
  await look("events", async () => checkListening(kernel));
  await look("udev", async () => checkUdev(kernel));
  if (pid !== undefined) await look("target", () => checkTarget(kernel, pid));
}

/** What a check found; an error that it throws is a problem, with the error's own remedy. */
async function found(check: string, work: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await work()].flat();
  } catch (cause) {
    const error = asBridgeError(cause);
    if (!(error instanceof BridgeError)) throw error;
    return [problem(`${check}.${error.code}`, error.message, error.remedy)];
  }
}
