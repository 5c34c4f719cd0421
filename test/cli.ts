import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./packages.js";

const CLI = join(ROOT, "packages/uevent-bridge/dist/cli.js");

/** The command as it is built, in a process of its own, ended at the end of its scope. */
export class Cli implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly process: ChildProcess;
  readonly #closed: Promise<unknown>;

  /** @param wrapper a program that starts the command, such as `unshare --net` */
  constructor(
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv; readonly wrapper?: readonly string[] } = {},
  ) {
    const [file = "", ...rest] = [...(options.wrapper ?? []), process.execPath, CLI, ...args];
    this.process = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...options.env } });
    this.process.stdout?.setEncoding("utf8").on("data", (chunk: string) => (this.stdout += chunk));
    this.process.stderr?.setEncoding("utf8").on("data", (chunk: string) => (this.stderr += chunk));
    this.#closed = once(this.process, "close");
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Before, a signal ends it. SIGHUP is the last that it takes, and Node takes none by itself. */
  get takesSignals(): boolean {
    const [, caught = "0"] = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${this.pid}/status`, "latin1")) ?? [];
    return (BigInt(`0x${caught}`) & 1n) !== 0n;
  }

  /** The exit status, or the signal that ended it, when all output has been read. */
  async exit(): Promise<number | string | null> {
    await this.#closed;
    return this.process.exitCode ?? this.process.signalCode;
  }

  /** Resolves when this has been written. @throws Error it ended before */
  async until(stream: "stdout" | "stderr", part: string | RegExp): Promise<void> {
    const ended = this.#closed.then(() => true);
    while (!new RegExp(part).test(this[stream])) {
      const isOver = await Promise.race([
        ended,
        once(this.process[stream] as NodeJS.ReadableStream, "data").then(() => false),
      ]);
      if (isOver) throw new Error(`it ended without ${String(part)}: ${this.stdout}${this.stderr}`);
    }
  }

  interrupt(): Promise<number | string | null> {
    this.process.kill("SIGINT");
    return this.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGTERM");
    const patience = setTimeout(() => this.process.kill("SIGKILL"), 5000);
    await this.#closed;
    clearTimeout(patience);
  }
}

/** Runs the command to its end. */
export async function run(...args: readonly string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  await using cli = new Cli(args);
  const status = await cli.exit();
  return { status, stdout: cli.stdout, stderr: cli.stderr };
}

/** A container's name that no other test has. */
export const newName = (): string => `test-${randomUUID()}`;
