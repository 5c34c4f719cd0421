import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { onTestFinished } from "vitest";

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** The next line that it prints; undefined at its end. */
  readonly line: () => Promise<string | undefined>;
  /** What it wrote to stderr so far. */
  readonly errors: () => string;
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs a program that has `listen`, `listenRaw` and `dir`, within another (`unshare …`). It is killed when the test ends. */
export function run(built: string, dir: string, program: string, within: readonly string[] = []): Child {
  const source = `import { listen, listenRaw } from ${JSON.stringify(built)}; const dir = ${JSON.stringify(dir)}; ${program}`;
  const [command, ...args] = [...within, process.execPath, "--input-type=module", "-e", source];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let errors = "";
  child.stderr.on("data", (text) => (errors += String(text)));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    process: child,
    errors: () => errors,
    line: async () => (await lines.next()).value as string | undefined,
    ended: new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal ?? "SIGKILL"))),
  };
}
