import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";

import type { SysDirectory } from "@uevent-bridge/kernel";
import type { TestSys } from "@uevent-bridge/kernel/contract";

import type { Leaver } from "./cgroups.js";

/** Where a container's `/sys` is opened, below a temporary directory that somebody else removes. */
export class Sys implements TestSys {
  readonly path: string;
  readonly uid = 0;
  readonly gid = 0;
  readonly devices: TestSys["devices"];
  readonly attribute = "queue/read_ahead_kb";
  readonly #bound: string;
  readonly #leaver: Leaver;

  constructor(base: string, devices: TestSys["devices"], leaver: Leaver) {
    this.path = join(base, "box.sys");
    this.devices = devices;
    this.#bound = join(base, "bound.sys");
    this.#leaver = leaver;
  }

  finds(directory: SysDirectory): readonly string[] {
    const root = this.#rootOf(directory);
    return this.devices.filter((devpath) => existsSync(join(root, devpath, "uevent")));
  }

  links(directory: SysDirectory): readonly string[] {
    const root = this.#rootOf(directory);
    return this.devices.filter((devpath) => linkIn(root, basename(devpath)) === `../..${devpath}`);
  }

  mayWrite(directory: SysDirectory, devpath: string): boolean {
    try {
      accessSync(join(this.#rootOf(directory), devpath, this.attribute), constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  bind({ path }: SysDirectory): void {
    mkdirSync(this.#bound);
    run("mount", "--rbind", path, this.#bound);
    run("mount", "--make-rslave", this.#bound);
  }

  leave(devices: readonly string[]): void {
    const { holder, locks } = this.#leaver;
    holder.leave({ locks, sys: { path: this.path, devices } });
  }

  /** Unmounts what is still mounted. */
  close(): void {
    for (const path of [this.#bound, join(this.path, "fs")])
      if (existsSync(path)) spawnSync("umount", ["--recursive", path]);
  }

  /** What a container finds, if one has it. */
  #rootOf({ path }: SysDirectory): string {
    return existsSync(this.#bound) ? this.#bound : path;
  }
}

function linkIn(root: string, name: string): string | undefined {
  try {
    return readlinkSync(join(root, "class/block", name));
  } catch {
    return undefined;
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
