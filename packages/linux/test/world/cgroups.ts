import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";

import type { TestCgroup } from "@uevent-bridge/kernel/contract";

import { loadAddon } from "../../src/addon.js";
import type { Holder } from "./holds.js";
import { attachRuntimeProgram } from "./runtime-program.js";

const NODES: Readonly<Record<string, string>> = {
  "c 1:3": "/dev/null",
  "c 1:5": "/dev/zero",
  "c 1:7": "/dev/full",
  "c 1:8": "/dev/random",
  "c 1:9": "/dev/urandom",
};
const REDIRECTION: Readonly<Record<string, string>> = { r: "<", w: ">", rw: "<>" };
const POLL_MS = 2;
const REFUSED = /Operation not permitted/;

/** A program in some cgroups opens a device or, with `m`, makes its node: `c 1:5 rw`. True if it may. */
export function tryToOpen(cgroups: readonly string[], line: string): boolean {
  const [type = "", number = "", access = ""] = line.split(" ");
  const node = NODES[`${type} ${number}`];
  const directory = mkdtempSync(join(tmpdir(), "uevent-bridge-test-"));
  const work =
    access === "m"
      ? `mknod ${directory}/node ${type} ${number.replace(":", " ")}`
      : `exec 3${REDIRECTION[access]}${node}`;
  const script = [...cgroups.map((cgroup) => `echo $$ > ${cgroup}/cgroup.procs`), work].join(" && ");
  const { status, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  rmSync(directory, { recursive: true });
  if (status !== 0 && !REFUSED.test(stderr)) throw new Error(`${script}: ${stderr}`);
  return status === 0;
}

/** A killed relay, as a test has it. */
export interface Leaver {
  readonly holder: Holder;
  /** Where its locks are. */
  readonly locks: string;
}

/** A cgroup in one or more hierarchies, in one of its own below those in which the test is. It is made when it is first named. */
export class Cgroup implements TestCgroup {
  readonly shared: string;
  readonly #addon = loadAddon();
  readonly #homes: readonly string[];
  readonly #name = `uevent-bridge-${process.pid}-${Math.random().toString(36).slice(2)}`;
  readonly #leaver: Leaver | undefined;
  #isMade = false;
  #program: number | undefined;

  constructor(homes: readonly string[], leaver?: Leaver) {
    this.#homes = homes;
    this.shared = homes[0] ?? "";
    this.#leaver = leaver;
  }

  /** In the first of them. */
  get path(): string {
    if (!this.#isMade) for (const path of this.#paths) mkdirSync(path, { recursive: true });
    this.#isMade = true;
    return this.#paths[0] ?? "";
  }

  /** Puts a process into it. */
  take(pid: number): void {
    const { path } = this;
    for (const each of new Set([path, ...this.#paths])) writeFileSync(join(each, "cgroup.procs"), `${pid}`);
  }

  allow(...lines: readonly string[]): void {
    const { path } = this;
    if (existsSync(join(path, "devices.list"))) writeRules(path, lines);
    else this.#attach(path, lines);
  }

  restrict(...lines: readonly string[]): void {
    const above = dirname(this.#paths[0] ?? "");
    mkdirSync(above, { recursive: true });
    if (existsSync(join(above, "devices.list"))) writeRules(above, lines);
    else onDirectory(above, (fd) => closeSync(attachRuntimeProgram(this.#addon, fd, "above", lines)));
  }

  mayOpen(line: string): boolean {
    const { path } = this;
    return tryToOpen([...new Set([path, ...this.#paths])], line);
  }

  leave(...granted: Parameters<TestCgroup["leave"]>): void {
    if (!this.#leaver) throw new Error("nobody to be killed");
    const { holder, locks } = this.#leaver;
    holder.leave({ locks, rights: { path: this.path, granted } });
  }

  isFrozen(): boolean {
    return /^frozen 1$/m.test(readFileSync(join(this.#freezable, "cgroup.events"), "latin1"));
  }

  async freeze(isFrozen: boolean): Promise<void> {
    writeFileSync(join(this.#freezable, "cgroup.freeze"), isFrozen ? "1" : "0");
    while (this.isFrozen() !== isFrozen) await setTimeout(POLL_MS);
  }

  remove(): void {
    for (const path of this.#paths) for (const each of [path, dirname(path)]) if (existsSync(each)) rmdirSync(each);
    if (this.#program !== undefined) closeSync(this.#program);
    this.#program = undefined;
  }

  get #freezable(): string {
    return this.#paths.find((path) => existsSync(join(path, "cgroup.freeze"))) ?? "";
  }

  get #paths(): readonly string[] {
    return this.#homes.map((home) => join(home, this.#name, "box"));
  }

  /** As systemd does: it detaches its own, if a relay has not put another in its place, and attaches a new one. */
  #attach(path: string, lines: readonly string[]): void {
    onDirectory(path, (fd) => {
      if (this.#program !== undefined) {
        this.#addon.detachDeviceProgram(fd, this.#program);
        closeSync(this.#program);
      }
      this.#program = attachRuntimeProgram(this.#addon, fd, "runtime", lines);
    });
  }
}

function onDirectory(path: string, work: (fd: number) => void): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    work(fd);
  } finally {
    closeSync(fd);
  }
}

function writeRules(path: string, lines: readonly string[]): void {
  writeFileSync(join(path, "devices.deny"), "a");
  for (const line of lines) writeFileSync(join(path, "devices.allow"), line);
}
