import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryDirectory } from "../../../test/real/temporary.js";
import { AGENT, agent, Running, startAgent, until } from "./program.js";
import type { SpawnSyncReturns } from "node:child_process";

/** What a holder has open while nobody is there. */
export const IDLE_FILES = 5;

/** A holder of the test's own. */
export class Holder implements AsyncDisposable {
  readonly path: string;
  readonly process: Running;
  readonly #directory: Disposable & { readonly path: string };

  private constructor(process: Running, path: string, directory: Disposable & { readonly path: string }) {
    this.process = process;
    this.path = path;
    this.#directory = directory;
  }

  /** Started by another program, `prlimit --nofile=…`, where there is one. */
  static async start(...by: readonly string[]): Promise<Holder> {
    const directory = temporaryDirectory();
    const path = join(directory.path, "holder");
    const process =
      by[0] === undefined ? startAgent("hold", path) : new Running(by[0], [...by.slice(1), AGENT, "hold", path]);
    await until(() => process.lines.includes("ready") || process.hasEnded, "the holder is ready");
    if (process.hasEnded) throw new Error(process.stderr);
    const holder = new Holder(process, path, directory);
    await until(() => process.process.stdout?.readableEnded === true, "it has left its parent");
    await until(() => holder.files().length === IDLE_FILES, "it has nothing more of it");
    return holder;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** Runs a program by it to its end. */
  exec(...program: readonly string[]): SpawnSyncReturns<string> {
    return agent("exec", this.path, "--", ...program);
  }

  start(...program: readonly string[]): Running {
    return startAgent("exec", this.path, "--", ...program);
  }

  startPython(script: string, ...args: readonly string[]): Running {
    return this.start("python3", "-c", script, ...args);
  }

  /** Its descriptors. */
  files(): readonly string[] {
    return readdirSync(`/proc/${this.pid}/fd`);
  }

  /** A line of /proc/PID/status. */
  status(name: string): string {
    const line = readFileSync(`/proc/${this.pid}/status`, "latin1")
      .split("\n")
      .find((each) => each.startsWith(`${name}:`));
    return line?.split("\t").at(-1) ?? "";
  }

  /** The inodes of the uevent sockets in its network namespace. */
  sockets(): ReadonlySet<string> {
    const lines = readFileSync(`/proc/${this.pid}/net/netlink`, "latin1").split("\n");
    const columns = lines.map((line) => line.trim().split(/\s+/)).filter(([, protocol]) => protocol === "15");
    return new Set(columns.map((line) => line.at(-1) ?? ""));
  }

  /** Milliseconds of the processor that it has used. */
  busyMs(): number {
    return this.process.busyMs();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    this.#directory[Symbol.dispose]();
  }
}
