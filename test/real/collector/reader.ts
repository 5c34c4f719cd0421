import { readFileSync } from "node:fs";

import { Inside } from "../inside/inside.js";
import { Program } from "../inside/program.js";
import { until } from "../listener.js";

const SCRIPT = readFileSync(new URL("reader.py", import.meta.url), "utf8");

/** A program that reads a container's netlink, and may lose events. */
export class Reader implements AsyncDisposable {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  /** @param receiveBuffer bytes; the kernel doubles them */
  static async start(pid: number, receiveBuffer: number): Promise<Reader> {
    const inside = new Inside(pid);
    const before = inside.readers();
    const python = ["python3", "-c", SCRIPT, `${receiveBuffer}`];
    const reader = new Reader(new Program("nsenter", ["--target", `${pid}`, "--net", ...python]));
    await until(() => inside.readers() > before, "the reader listens");
    return reader;
  }

  get pid(): number {
    return this.#program.process.pid ?? 0;
  }

  get heard(): Buffer[] {
    return this.#program.lines.filter((line) => line !== "overrun").map((line) => Buffer.from(line, "hex"));
  }

  get overran(): boolean {
    return this.#program.lines.includes("overrun");
  }

  sleep(): void {
    this.#program.process.kill("SIGSTOP");
  }

  wake(): void {
    this.#program.process.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.process.kill("SIGKILL");
    await this.#program.end();
  }
}
