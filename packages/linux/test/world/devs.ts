import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import type { DeviceDirectory, DeviceEntry } from "@uevent-bridge/kernel";
import type { TestDev } from "@uevent-bridge/kernel/contract";

import { numberOf } from "../../src/dev/rdev.js";
import type { Leaver } from "./cgroups.js";

const USUAL = 0o755;

/** Where a container's `/dev` is opened, below a temporary directory that somebody else removes. */
export class Dev implements TestDev {
  readonly path: string;
  readonly uid = 0;
  readonly gid = 0;
  readonly #bound: string;
  readonly #leaver: Leaver;

  constructor(base: string, leaver: Leaver) {
    this.path = join(base, "box.dev");
    this.#bound = join(base, "bound");
    this.#leaver = leaver;
  }

  entries({ path }: DeviceDirectory): ReadonlyMap<string, DeviceEntry> {
    return new Map(entriesIn(existsSync(path) ? path : this.#bound, ""));
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  bind({ path }: DeviceDirectory): void {
    mkdirSync(this.#bound);
    run("mount", "--bind", path, this.#bound);
  }

  leave(entries: Readonly<Record<string, DeviceEntry>>): void {
    const { holder, locks } = this.#leaver;
    holder.leave({ locks, dev: { path: this.path, entries } });
  }

  /** Unmounts what is still mounted. */
  close(): void {
    for (const path of [this.#bound, join(this.path, "fs")]) if (existsSync(path)) spawnSync("umount", [path]);
  }
}

/** Names are bytes: a character is one. */
export function entriesIn(directory: string, prefix: string): [name: string, entry: DeviceEntry][] {
  const place = Buffer.from(directory, "latin1");
  if (!existsSync(place)) return [];
  return readdirSync(place, "latin1").flatMap((part) => {
    const [name, path] = [prefix + part, `${directory}/${part}`];
    const entry = entryAt(Buffer.from(path, "latin1"));
    return [[name, entry], ...(entry.kind === "directory" ? entriesIn(path, `${name}/`) : [])];
  });
}

function entryAt(path: Buffer): DeviceEntry {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return { kind: "link", target: readlinkSync(path, "latin1") };
  const mode = found.mode & 0o7777;
  if (found.isDirectory()) return { kind: "directory", ...(mode === USUAL ? {} : { mode }) };
  const { uid, gid } = found;
  const type = found.isBlockDevice() ? "block" : "char";
  return { kind: "node", type, ...numberOf(found.rdev), mode, uid, gid };
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
