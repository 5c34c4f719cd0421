import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lchownSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { DeviceEntry } from "@uevent-bridge/kernel";
import type { TestOwnDev } from "@uevent-bridge/kernel/contract";

import { loadAddon } from "../../src/addon.js";
import type { Leaver } from "./cgroups.js";
import { entriesIn } from "./devs.js";

/** A `/dev` of a container's own, in a tmpfs of the host's user namespace. */
export class OwnDev implements TestOwnDev {
  readonly path: string;
  readonly uid = 0;
  readonly gid = 0;
  readonly #pid: number;
  readonly #leaver: Leaver;

  /** @param base a temporary directory that somebody else removes */
  constructor(pid: number, base: string, leaver: Leaver) {
    this.path = join(base, "own.dev");
    this.#pid = pid;
    this.#leaver = leaver;
    const { status, stderr } = spawnSync("nsenter", ["-t", `${pid}`, "-m", "mount", "-t", "tmpfs", "none", "/dev"], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
  }

  entries(): ReadonlyMap<string, DeviceEntry> {
    return new Map(entriesIn(this.#dev, ""));
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  change(name: string, entry: DeviceEntry | undefined): void {
    const path = join(this.#dev, name);
    rmSync(path, { force: true, recursive: true });
    if (entry) make(path, entry);
  }

  leave(entries: Readonly<Record<string, DeviceEntry>>): void {
    const { holder, locks } = this.#leaver;
    holder.leave({ locks, dev: { path: this.path, entries, pid: this.#pid } });
  }

  get #dev(): string {
    return `/proc/${this.#pid}/root/dev`;
  }
}

function make(path: string, entry: DeviceEntry): void {
  if (entry.kind === "link") symlinkSync(entry.target, path);
  else if (entry.kind === "node") makeNode(path, entry);
  else if (entry.kind === "directory") mkdirSync(path);
  else writeFileSync(path, "");
}

function makeNode(path: string, { type, major, minor, mode, uid, gid }: Extract<DeviceEntry, { kind: "node" }>): void {
  const above = openSync(join(path, ".."), "r");
  const format = type === "char" ? constants.S_IFCHR : constants.S_IFBLK;
  const result = loadAddon().makeNode(above, path.split("/").at(-1) ?? "", format, major, minor);
  closeSync(above);
  if (result < 0) throw new Error(`mknod: ${result}`);
  lchownSync(path, uid, gid);
  chmodSync(path, mode);
}
