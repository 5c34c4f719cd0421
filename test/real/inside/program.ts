import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program that runs beside the test, line by line. */
export class Program {
  /** What it wrote to stdout. */
  readonly lines: string[] = [];
  stderr = "";
  readonly process: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(file: string, args: readonly string[]) {
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => {}); // it has ended
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.push(line));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (this.stderr += chunk));
    this.process = child;
    this.#ended = once(child, "close");
  }

  /** Ends its stdin and resolves when it has ended. */
  async end(): Promise<void> {
    this.process.stdin?.end();
    await this.#ended;
  }
}
