import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { until } from "../listener.js";

const PROGRAM = fileURLToPath(new URL("relay.mjs", import.meta.url));
const RECEIVE_BUFFER = 64 * 1024; // bytes: it overruns soon
const SECONDS = 20; // after which an answer does not come

/** Of the program of relay.mjs. */
export interface Settings {
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly lockDirectory: string;
  readonly receiveBuffer: number;
}

/** All that it makes is below a place. */
export function settingsIn(place: string): Settings {
  const [runtimeDir, stateDir, lockDirectory] = ["run", "state", "locks"].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  return { runtimeDir, stateDir, lockDirectory, receiveBuffer: RECEIVE_BUFFER };
}

/** An error as the program says it. */
export interface SaidError {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly remedy?: string;
  readonly cause?: string;
  readonly stack?: string;
  /** A BridgeError with a sentence and a remedy. */
  readonly isOurs: boolean;
}

interface Answer {
  readonly result?: readonly string[];
  readonly error?: SaidError;
  readonly warnings: readonly SaidError[];
}

/** What is done to the calls of the system that a relay makes, by strace. */
export interface Trace {
  /** Where they are written. */
  readonly file: string;
  /** Words of strace: which calls, and what comes of them. */
  readonly words: readonly string[];
}

/** A relay in a process of its own, and what came of what it was told to do. */
export class TracedRelay implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly warnings: SaidError[] = [];
  /** What was told to it when it failed. */
  readonly errors: (readonly [command: string, error: SaidError])[] = [];
  /** How it ended that should not have. */
  crash: string | undefined;
  readonly #lines: string[] = [];
  #stderr = "";
  #read = 0;
  readonly #ended: Promise<unknown>;
  #strace: ChildProcess | undefined;

  /** @param mark in the environment of all that it starts */
  constructor(settings: Settings, mark: string) {
    const args = [PROGRAM, JSON.stringify(settings)];
    const env = { ...process.env, UV_THREADPOOL_SIZE: "1", UEVENT_BRIDGE_TEST: mark };
    this.process = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"], env });
    const { stdin, stdout, stderr } = this.process;
    stdin?.on("error", () => {}); // it has ended
    if (stdout) createInterface({ input: stdout }).on("line", (line) => this.#lines.push(line));
    stderr?.setEncoding("utf8").on("data", (chunk: string) => (this.#stderr += chunk));
    this.#ended = once(this.process, "close");
  }

  /** What it has open before it begins. */
  async ready(): Promise<readonly string[]> {
    return (await this.#answer("it is there"))?.result ?? [];
  }

  /** From now on. */
  async trace({ file, words }: Trace): Promise<void> {
    const strace = spawn("strace", [...words, "-o", file, "-p", `${this.process.pid}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    strace.stderr.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
    this.#strace = strace;
    await until(() => said.includes("attached") || strace.exitCode !== null, "strace is there");
    if (strace.exitCode !== null) throw new Error(said);
  }

  /** It crashed, or something that it said has no code, no sentence or no remedy. */
  get faults(): readonly string[] {
    const said = [...this.errors.map(([, error]) => error), ...this.warnings];
    const raw = said.filter(({ isOurs }) => !isOurs).map(({ stack, message }) => `it is not ours: ${stack ?? message}`);
    return this.crash === undefined ? raw : [...raw, this.crash];
  }

  get hasEnded(): boolean {
    return this.crash !== undefined || this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** What it answers; undefined if it failed or has ended. */
  async ask(command: string, options: object = {}): Promise<Answer | undefined> {
    if (this.hasEnded) return undefined;
    this.process.stdin?.write(`${JSON.stringify([command, options])}\n`);
    const answer = await this.#answer(command);
    if (answer?.error) this.errors.push([command, answer.error]);
    this.warnings.push(...(answer?.warnings ?? []));
    return answer?.error ? undefined : answer;
  }

  /** It is told no more. */
  async end(): Promise<void> {
    this.process.stdin?.end();
    await Promise.race([
      this.#ended,
      until(() => this.hasEnded, "it ends", SECONDS).catch(() => (this.crash ??= "it does not end")),
    ]);
    this.process.kill("SIGKILL");
    await this.#ended;
    if (this.#strace && this.#strace.exitCode === null) await once(this.#strace, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #answer(what: string): Promise<Answer | undefined> {
    const isThere = (): boolean => this.#lines.length > this.#read;
    await until(() => isThere() || this.hasEnded, what, SECONDS).catch(() => (this.crash ??= `${what}: it hangs`));
    if (!isThere()) await Promise.race([this.#ended, until(() => isThere(), what, 1).catch(() => undefined)]);
    if (!isThere()) {
      const { exitCode, signalCode } = this.process;
      this.crash ??= `${what}: it ended by ${signalCode ?? exitCode}: ${this.#stderr.slice(-500)}`;
      return undefined;
    }
    const said = JSON.parse(this.#lines[this.#read++] ?? "") as Answer & { readonly crash?: SaidError };
    if (said.crash) this.crash = `${what}: ${said.crash.stack ?? said.crash.message}`;
    return said.crash ? undefined : said;
  }
}

/** Calls that were traced. */
export function linesOf(file: string): readonly string[] {
  return readFileSync(file, "latin1").split("\n");
}
