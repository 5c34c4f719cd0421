import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Program } from "../inside/program.js";
import { until } from "../listener.js";
import { firstProcess } from "./engines.js";
import type { Running } from "./engines.js";

const SECONDS = 20; // until an answer is missed

/** Compiles programs that are here, such as what opens devices or holds up directories inside, without libraries, into a directory. */
export function compilePrograms(directory: string, names = ["hold", "opener", "plugger"]): void {
  for (const name of names) {
    const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
    execFileSync("cc", [
      "-std=c11",
      "-O1",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-static",
      "-pthread",
      "-o",
      join(directory, name),
      source,
    ]);
  }
}

/** A device that was opened inside. */
export interface Opened {
  readonly diskseq: number;
  readonly way: string;
  readonly name: string;
  /** When the call began, in milliseconds of CLOCK_MONOTONIC. */
  readonly at: number;
}

/** The program in a container that opens what it can: see opener.c. */
export class Opener {
  readonly #program: Program;
  readonly #running: Running;
  #read = 0;

  constructor(running: Running) {
    this.#running = running;
    this.#program = running.program;
  }

  /** Resolves to the pid on the host of its container's first process when it hears. @throws Error it has ended */
  async ready(): Promise<number> {
    await this.next("ready");
    return firstProcess(this.#running, "opener");
  }

  /** Has it try a device of which it does not hear. */
  watch(name: string, major: number, minor: number): void {
    this.#say(`number ${name} ${major} ${minor}`);
  }

  /** The rest of the next line that begins so, behind those that were waited for. @throws Error it has ended, or it does not come */
  async next(begin: string): Promise<string> {
    const found = () => this.#program.lines.findIndex((line, i) => i >= this.#read && isAt(line, begin));
    await until(() => found() >= 0 || this.#program.process.exitCode !== null, `it says ${begin}`, SECONDS).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}: ${this.#program.lines.slice(-5).join("; ")} ${this.#program.stderr}`);
      },
    );
    if (found() < 0) throw new Error(`it has ended: ${this.#program.stderr}`);
    const line = this.#program.lines[found()] ?? "";
    this.#read = found() + 1;
    return line.slice(begin.length + 1);
  }

  /** What each way to open a device says now that it was told to try. */
  async try(name: string): Promise<ReadonlyMap<string, string>> {
    this.#say(`try ${name}`);
    return waysOf(await this.next(`try ${name}`));
  }

  /** How often it has opened something each way, and how often it was not permitted. */
  async report(): Promise<ReadonlyMap<string, { readonly opened: number; readonly refused: number }>> {
    this.#say("report");
    const words = (await this.next("report")).split(" ").map((word) => word.split(/[=/]/));
    return new Map(
      words.map(([way = "", opened, refused]) => [way, { opened: Number(opened), refused: Number(refused) }]),
    );
  }

  get opened(): readonly Opened[] {
    return this.#lines("opened").map((line) => {
      const [, diskseq, way = "", name = "", at] = line.split(" ");
      return { diskseq: Number(diskseq), way, name, at: Number(at) / 1000 };
    });
  }

  /** What it found there before what has to come before it. */
  get disorder(): readonly string[] {
    return this.#lines("order");
  }

  /** Ends it, and its container. */
  async end(): Promise<void> {
    await this.#program.end();
    await this.#running.end?.();
  }

  #lines(begin: string): readonly string[] {
    return this.#program.lines.filter((line) => isAt(line, begin));
  }

  #say(line: string): void {
    this.#program.process.stdin?.write(`${line}\n`);
  }
}

/** `node=ENOENT own=EPERM` */
export function waysOf(words: string): ReadonlyMap<string, string> {
  return new Map(
    words
      .split(" ")
      .map((word) => word.split("="))
      .map(([way = "", said = ""]) => [way, said] as const),
  );
}

const isAt = (line: string, begin: string): boolean => line === begin || line.startsWith(`${begin} `);
