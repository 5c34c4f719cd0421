import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { SpawnSyncReturns } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { Program } from "../../../test/real/inside/program.js";
import { agentPath } from "../src/index.js";

const PATIENCE_MS = 15_000;
const RUN_MS = 60_000; // within which what is run to its end has to end

/** The program that is tested: the one of this package, or one that was compiled for sanitizers. */
export const AGENT = process.env["UEVENT_AGENT"] ?? agentPath();

/** Runs the agent to its end. */
export function agent(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(AGENT, args, { encoding: "utf8", timeout: RUN_MS });
}

/** Started beside the test, and ended with it. */
export class Running extends Program implements AsyncDisposable {
  get pid(): number {
    return this.process.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Milliseconds of the processor that it has used. */
  busyMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(stat[11]) + Number(stat[12])) * 10;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGKILL");
    await this.end();
  }
}

export const startAgent = (...args: readonly string[]): Running => new Running(AGENT, args);

export const startPython = (script: string, ...args: readonly string[]): Running =>
  new Running("python3", ["-c", script, ...args]);

/** @throws Error it does not become so */
export async function until(isSo: () => boolean, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  for (const end = Date.now() + patienceMs; !isSo(); await sleep(5)) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
  }
}
