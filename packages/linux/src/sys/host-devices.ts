import { closeSync, existsSync, fstatSync } from "node:fs";

import type { Addon } from "../addon.js";
import { ERRNO, systemError } from "../errno.js";
import { MountedSysfs } from "../sysfs-root.js";
import { subsystemOf } from "./device-links.js";
import { CLONE } from "./layout.js";
import { placeIn } from "./skeleton.js";

const GONE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.ELOOP, ERRNO.ENODEV, ERRNO.ENAMETOOLONG]);

/** The devices in the host's sysfs, as what can be mounted elsewhere. Paths are relative to it; no symlink is followed. */
export class HostDevices {
  readonly #addon: Addon;
  readonly #sysfs: MountedSysfs;

  constructor(addon: Addon, sysfs: string) {
    this.#addon = addon;
    this.#sysfs = new MountedSysfs(sysfs);
  }

  get fd(): number {
    return this.#sysfs.fd;
  }

  /** False when it has gone: its directory may be there for a while. */
  has(path: string): boolean {
    return existsSync(placeIn(this.fd, `${path}/uevent`));
  }

  /** Calls back with a device's directory, read-only, unless it has gone or is one of the host's network devices. */
  withDevice(path: string, work: (device: number) => void): void {
    const device = this.#clone(path, CLONE.readOnly);
    if (device === undefined) return;
    try {
      const subsystem = subsystemOf(device);
      if (subsystem !== undefined && subsystem !== "net") work(device);
    } finally {
      closeSync(device);
    }
  }

  /** An attribute that can be written; undefined if there is none. */
  openWritable(path: string): number | undefined {
    const attribute = this.#clone(path, CLONE.writable);
    if (attribute === undefined || fstatSync(attribute).isFile()) return attribute;
    closeSync(attribute);
    return undefined;
  }

  close(): void {
    this.#sysfs.close();
  }

  #clone(path: string, access: number): number | undefined {
    const tree = this.#addon.cloneTree(this.fd, path, access);
    if (tree >= 0) return tree;
    if (GONE.has(-tree)) return undefined;
    throw systemError("open_tree", tree);
  }
}
