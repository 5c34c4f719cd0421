import { readFileSync } from "node:fs";

import { Program } from "../inside/program.js";
import { until } from "../listener.js";

const SCRIPT = readFileSync(new URL("collector.py", import.meta.url), "utf8");

/** A process of its own that keeps all that it hears, as fast as it can. */
export class Collector implements AsyncDisposable {
  readonly #file: string;
  readonly #program: Program;

  private constructor(file: string, program: Program) {
    this.#file = file;
    this.#program = program;
  }

  /** Binds a socket to `path`. `file` is its own, for what it heard. */
  static onSocket(file: string, path: string): Collector {
    return new Collector(file, new Program("python3", ["-c", SCRIPT, file, path]));
  }

  /** Listens to the netlink of a process's network namespace. */
  static onNetlink(file: string, pid: number): Collector {
    return new Collector(file, new Program("nsenter", ["--target", `${pid}`, "--net", "python3", "-c", SCRIPT, file]));
  }

  get pid(): number {
    return this.#program.process.pid ?? 0;
  }

  /** Resolves when it has heard so many datagrams, or up to 250 less. */
  async hasHeard(count: number): Promise<void> {
    const heard = () => Number(this.#program.lines.at(-1) ?? 0);
    await until(() => heard() > 0 && heard() > count - 250, `${count} have been heard (${heard()})`);
  }

  /** Ends it when it has heard so many datagrams and hears nothing more, and gives what it heard. */
  async end(count: number): Promise<Buffer[]> {
    this.#program.process.stdin?.write(`${count}\n`);
    await this.#program.end();
    const lines = readFileSync(this.#file, "latin1").split("\n").slice(0, -1);
    return lines.map((line) => Buffer.from(line, "hex"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.end();
  }
}
