import { copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "../listener.js";
import type { Bind } from "../inside/system.js";
import { Stack } from "../stack.js";
import { firstProcess } from "./engines.js";
import type { Engine, Running } from "./engines.js";
import { OwnCgroup } from "./own-cgroup.js";
import { programsDirectory } from "./programs.js";

const SCRIPT = fileURLToPath(new URL("guest.sh", import.meta.url));
const BUSYBOX = "/usr/bin/busybox";
const PROGRAMS = "/programs"; // inside
const SECONDS = 60; // until an answer is missed

/** A container with a shell that does what it is told, and a program that opens what its engine gave it all the time. */
export class Guest implements AsyncDisposable {
  readonly #running: Running;
  readonly #stack: Stack;

  private constructor(running: Running, stack: Stack) {
    this.#running = running;
    this.#stack = stack;
  }

  static async start(engine: Engine, isUser: boolean, more: readonly Bind[] = []): Promise<Guest> {
    const stack = new Stack();
    try {
      const { directory, programs } = programsDirectory(stack);
      for (const file of [BUSYBOX, SCRIPT]) copyFileSync(file, join(programs, basename(file)));
      const cgroup = stack.use(new OwnCgroup());
      const command = ["busybox", "sh", basename(SCRIPT)].map((word) => (word === "sh" ? word : `${PROGRAMS}/${word}`));
      const binds = [{ source: programs, destination: PROGRAMS }, ...more];
      const running = await engine.start({ directory, command, binds, devices: ["/dev/fuse"], isUser, cgroup });
      const guest = new Guest(running, stack);
      stack.use({ [Symbol.asyncDispose]: () => guest.#end() });
      await guest.#next(0, "ready");
      return guest;
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Of its first process, on the host. */
  get pid(): number {
    return firstProcess(this.#running, "busybox");
  }

  /** What its engine gave it and could not be opened, at some time. */
  get lost(): readonly string[] {
    return [...new Set(this.#running.program.lines.filter((line) => line.startsWith("lost ")))];
  }

  /** Runs something in its shell: what it wrote. */
  async ask(command: string): Promise<string> {
    const { lines, process } = this.#running.program;
    const begin = lines.length;
    process.stdin?.write(`${command}\n`);
    const end = await this.#next(begin, "done ");
    return lines
      .slice(begin, end)
      .filter((line) => !/^(lost|opened) /.test(line))
      .join("\n")
      .trim();
  }

  /** How often it has opened what its engine gave it. */
  async opened(): Promise<number> {
    const { lines } = this.#running.program;
    const begin = lines.length;
    await this.ask("kill -USR1 $looker");
    return Number(lines[await this.#next(begin, "opened ")]?.split(" ")[1]);
  }

  /** The index of the next line that begins so. */
  async #next(from: number, begin: string): Promise<number> {
    const { program } = this.#running;
    const found = () => program.lines.findIndex((line, i) => i >= from && line.startsWith(begin));
    await until(() => found() >= 0 || program.process.exitCode !== null, `it says ${begin}`, SECONDS);
    if (found() < 0) throw new Error(`it has ended: ${program.lines.slice(-5).join("; ")} ${program.stderr}`);
    return found();
  }

  async #end(): Promise<void> {
    await this.#running.program.end();
    await this.#running.end?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}
