import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Worker } from "../../../bench/harness/worker.js";
import { plugLoop } from "../loops.js";

const NATIVE = fileURLToPath(new URL("../../../bench/native/", import.meta.url));
/** Events between two changes of the tree, on average. */
const EVERY = 600;

/** Programs that have the kernel say events of loop devices as fast as they can, each of its own devices: see storm.c. */
export class Storm implements AsyncDisposable {
  readonly numbers: readonly number[];
  readonly #workers: readonly Worker[];

  private constructor(numbers: readonly number[], workers: readonly Worker[]) {
    this.numbers = numbers;
    this.#workers = workers;
  }

  static compile(directory: string): string {
    const program = join(directory, "storm");
    const sources = ["storm.c", "worker.c"].map((name) => join(NATIVE, name));
    execFileSync("cc", ["-std=c11", "-D_GNU_SOURCE", "-O2", "-o", program, ...sources]);
    return program;
  }

  static async start(program: string, workers: number, disksEach: number, seed: number): Promise<Storm> {
    const own = Array.from({ length: workers }, () => Array.from({ length: disksEach }, plugLoop));
    const start = (numbers: readonly number[], i: number) =>
      Worker.start([program, `${seed + i}`, `${EVERY}`, ...numbers.map(String)]);
    return new Storm(own.flat(), await Promise.all(own.map(start)));
  }

  /** Resolves when so many events have been said, with how often the tree changed meanwhile. */
  async blow(events: number): Promise<number> {
    const each = Math.ceil(events / this.#workers.length);
    const answers = await Promise.all(this.#workers.map((worker) => worker.ask(each)));
    return answers.reduce((changes, { sum }) => changes + sum, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}
