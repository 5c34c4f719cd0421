import { closeSync, fstatSync, statSync } from "node:fs";

import type { Addon } from "../addon.js";
import { ERRNO, systemError } from "../errno.js";
import { MountedSysfs } from "../sysfs-root.js";
import { placeIn, subsystemOf } from "./device-links.js";
import { CLONE } from "./layout.js";

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

  /** False when it has gone: its directory may be there for a while. @throws ErrnoException */
  has(path: string): boolean {
    return statSync(placeIn(this.fd, `${path}/uevent`), { throwIfNoEntry: false }) !== undefined;
  }

  /** Calls back with a device's directory. False if it has gone or is one of the host's network devices. */
  withDevice(path: string, work: (device: number) => void): boolean {
    const device = unlessGone("openat2", this.#addon.openTree(this.fd, path));
    if (device === undefined) return false;
    try {
      const subsystem = subsystemOf(device);
      const isOurs = subsystem !== undefined && subsystem !== "net";
      if (isOurs) work(device);
      return isOurs;
    } finally {
      closeSync(device);
    }
  }

  /** The directory of a device that is held open as what can be mounted elsewhere, read-only; undefined if it has gone. */
  openReadOnly(device: number): number | undefined {
    return unlessGone("open_tree", this.#addon.cloneTree(device, ".", CLONE.readOnly));
  }

  /** An attribute that can be written; undefined if there is none. */
  openWritable(path: string): number | undefined {
    const attribute = unlessGone("open_tree", this.#addon.cloneTree(this.fd, path, CLONE.writable));
    if (attribute === undefined || fstatSync(attribute).isFile()) return attribute;
    closeSync(attribute);
    return undefined;
  }

  close(): void {
    this.#sysfs.close();
  }
}

/** @throws Error where the result does not say that it has gone */
function unlessGone(call: string, result: number): number | undefined {
  if (result >= 0) return result;
  if (GONE.has(-result)) return undefined;
  throw systemError(call, result);
}
