import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import { nativeProgram, nodeProgram } from "./places.js";
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
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /** A program in C. @throws Error it did not start */
  static native(name: string, ...args: readonly (string | number)[]): Promise<Worker> {
    return Worker.#start(name, nativeProgram(name), args.map(String));
  }

  /** A program in Node, profiled if the bench is. @throws Error it did not start */
  static node(name: string, ...args: readonly (string | number)[]): Promise<Worker> {
    const directory = process.env["BENCH_PROFILE"];
    const profile = directory ? ["--cpu-prof", `--cpu-prof-dir=${directory}`, "--cpu-prof-interval=200"] : [];
    return Worker.#start(name, process.execPath, [...profile, nodeProgram(name), ...args.map(String)]);
  }

  static async #start(name: string, file: string, args: readonly string[]): Promise<Worker> {
    const worker = new Worker(name, file, args);
    await worker.#line();
    return worker;
  }

  private constructor(name: string, file: string, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
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
    if (line.done) throw new Error(`the program "${this.#name}" ended before it answered`);
    return line.value;
  }
}

function numbersOf(line: string): number[] {
  return line.split(" ").map(Number);
}
