import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

import { KernelError } from "@uevent-bridge/kernel";

const START_MS = 5000;
const SAID_MAX = 4096; // characters of what it says when it fails

/** Starts a shadow's holder, which outlives this process. Resolves when it listens. @throws KernelError ADDON_MISSING, PATH_UNUSABLE */
export async function startHolder(agent: string | undefined, path: string): Promise<void> {
  if (agent === undefined) throw missing("no program was named to hold a shadow");
  const child = spawnHolder(agent, path);
  try {
    await listening(child, path);
  } finally {
    child.stdout?.destroy(); // there is none where no descriptor was left for it
    child.stderr?.destroy();
    child.unref();
  }
}

/** Of some errors Node tells by an event, of others, as without memory, at once. */
function spawnHolder(agent: string, path: string): ChildProcess {
  try {
    return spawn(agent, ["hold", path], { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  } catch (cause) {
    throw notStarted(agent, cause);
  }
}

function listening(child: ChildProcess, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(failed(path, "it does not begin to listen"));
    }, START_MS);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      settle();
    };
    child.stderr?.on("data", (text: Buffer) => (said = (said + text.toString()).slice(0, SAID_MAX)));
    child.stdout?.once("data", () => done(resolve));
    child.once("error", (cause) => done(() => reject(notStarted(child.spawnfile, cause))));
    child.once("close", () => done(() => reject(failed(path, said.trim() || "it ended at once"))));
  });
}

function missing(message: string): KernelError {
  return new KernelError("ADDON_MISSING", message, "install @uevent-bridge/agent again, or build it");
}

function notStarted(agent: string, cause: unknown): KernelError {
  const remedy =
    "install @uevent-bridge/agent again, or build it; see that a process may be started here, and memory is left";
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KernelError("ADDON_MISSING", `${agent} does not start: ${why}`, remedy, { cause });
}

function failed(path: string, problem: string): KernelError {
  const remedy = "see that user namespaces may be made here, and that nobody else holds this path";
  return new KernelError("PATH_UNUSABLE", `no holder could be started at ${path}: ${problem}`, remedy);
}
