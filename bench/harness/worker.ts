import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import type { Command } from "./commands.js";
import type { Cost } from "./rounds.js";

/** What a program did when it was asked. Times are in ns: `clock` is CLOCK_MONOTONIC, which all processes share. */
export interface Answer {
  readonly start: Mark;
  readonly end: Mark;
  /** How many it did. */
  readonly count: number;
  /** A sum over all of them, which shows that all contestants worked on the same. */
  readonly sum: number;
  /** When each was done, for programs that note it. */
  readonly times: readonly number[];
}

export interface Mark {
  readonly clock: number;
  /** Processor time of all threads of the process, and of its children. */
  readonly cpu: number;
}

const PATIENCE_MS = 60_000;

/** What each of the pieces cost. */
export function costOf({ start, end, count }: Answer): Cost {
  return { cpu: (end.cpu - start.cpu) / count, clock: (end.clock - start.clock) / count };
}

/** A program that does so many of something when it is told to, in a process of its own. */
export class Worker implements AsyncDisposable {
  readonly #command: Command;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /** @throws Error it did not start */
  static async start(command: Command): Promise<Worker> {
    const worker = new Worker(command);
    await worker.#line();
    return worker;
  }

  private constructor(command: Command) {
    const [program, ...args] = command;
    this.#command = command;
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin.on("error", () => {}); // its end is seen where an answer is waited for
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error the program ended, or does not answer */
  async ask(count: number): Promise<Answer> {
    this.#child.stdin.write(`${count}\n`);
    const [startClock = 0, startCpu = 0, clock = 0, cpu = 0, done = 0, sum = 0, ...times] = numbersOf(
      await this.#line(),
    );
    return { start: { clock: startClock, cpu: startCpu }, end: { clock, cpu }, count: done, sum, times };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.stdin.end(); // ends it
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    await exited;
    clearTimeout(timer);
  }

  async #line(): Promise<string> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    const line = await this.#lines.next();
    clearTimeout(timer);
    if (line.done) throw new Error(`ended before it answered: ${this.#command.join(" ")}`);
    return line.value;
  }
}

function numbersOf(line: string): number[] {
  return line.split(" ").map(Number);
}
