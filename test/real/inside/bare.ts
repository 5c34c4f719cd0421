import { readFileSync, writeFileSync } from "node:fs";

import { agentPath } from "@uevent-bridge/agent";

import { until } from "../listener.js";
import { Program } from "./program.js";

const SETUP = readFileSync(new URL("bare.sh", import.meta.url), "utf8");
const START = 'read pid _ </proc/self/stat; exec sh -c "$0" sh $pid "$@"';

/** A container of nothing but busybox and the agent, without a user namespace: it may make nodes in its `/dev`. */
export class Bare implements AsyncDisposable {
  readonly pid: number;
  readonly #init: Program;

  private constructor(pid: number, init: Program) {
    this.pid = pid;
    this.#init = init;
  }

  /** `events` is its directory of events on the host. */
  static async start(events: string): Promise<Bare> {
    const namespaces = ["--net", "--mount", "--pid", "--fork"];
    const init = new Program("unshare", [...namespaces, "sh", "-c", START, SETUP, agentPath(), events]);
    await until(() => init.lines.length === 1 || init.process.exitCode !== null, "its system is made");
    if (init.process.exitCode !== null) throw new Error(init.stderr);
    return new Bare(Number(init.lines[0]), init);
  }

  /** Starts a program of it, which ends with it at the latest. */
  start(...command: readonly string[]): Program {
    return new Program("nsenter", ["--target", `${this.pid}`, "-n", "-m", "-p", "--", ...command]);
  }

  /** A path of it, on the host. */
  path(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  /** A file's text; empty if there is none. */
  read(path: string): string {
    try {
      return readFileSync(this.path(path), "utf8");
    } catch {
      return "";
    }
  }

  write(path: string, text: string): void {
    writeFileSync(this.path(path), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#init.end(); // its first process ends, and the others with it
  }
}
