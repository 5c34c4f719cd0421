import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

import { Program } from "./program.js";

/** The ways into a container, by a process of it. */
export class Inside {
  readonly pid: number;
  readonly namespaces: readonly string[];

  /** @param namespaces that it has, as `nsenter` names them */
  constructor(pid: number, namespaces: readonly string[] = ["-U", "-n", "-m", "-p"]) {
    this.pid = pid;
    this.namespaces = namespaces;
  }

  /** Runs a program inside, as its root, to its end. @throws Error it failed */
  run(...command: readonly string[]): string {
    return execFileSync("nsenter", this.#enter(command), { encoding: "utf8" });
  }

  /** The command that runs one inside, as its root. */
  wordsFor(...command: readonly string[]): readonly string[] {
    return ["nsenter", ...this.#enter(command)];
  }

  /** Starts a program inside, as its root; it ends with the container at the latest. */
  start(...command: readonly string[]): Program {
    return new Program("nsenter", this.#enter(command));
  }

  /** Starts a script of Python's inside. */
  startPython(script: URL, ...args: readonly string[]): Program {
    return this.start("python3", "-c", readFileSync(script, "utf8"), ...args);
  }

  /** Runs a script of Python's inside, to its end. @throws Error it failed */
  runPython(script: URL, ...args: readonly string[]): string {
    return this.run("python3", "-c", readFileSync(script, "utf8"), ...args);
  }

  /** Writes a file as its root: what the host's root would make there has no owner inside. */
  write(path: string, text: string): void {
    const script = 'mkdir -p "${0%/*}" && cat >"$0"';
    execFileSync("nsenter", this.#enter(["sh", "-c", script, path]), {
      input: text,
      stdio: ["pipe", "ignore", "inherit"],
    });
  }

  /** A file's text; empty if there is none. */
  read(path: string): string {
    return this.exists(path) ? readFileSync(this.#path(path), "utf8") : "";
  }

  exists(path: string): boolean {
    return existsSync(this.#path(path));
  }

  /** How many sockets listen to uevents there: `group` 1 the kernel's, 2 udevd's. */
  readers(group: 1 | 2 = 1): number {
    return readersOf(this.pid, group);
  }

  #path(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  #enter(command: readonly string[]): string[] {
    return ["--target", `${this.pid}`, ...this.namespaces, "--setuid", "0", "--setgid", "0", "--", ...command];
  }
}

/** How many sockets listen to a group of uevents in the network namespace of a process. */
export function readersOf(pid: number, group: 1 | 2 = 1): number {
  const table = readFileSync(`/proc/${pid}/net/netlink`, "latin1").split("\n");
  const groups = table.map((line) => /^\S+ +15 +\d+ +([0-9a-f]+) /.exec(line)?.[1] ?? "0");
  return groups.filter((each) => (Number.parseInt(each, 16) & group) !== 0).length;
}
