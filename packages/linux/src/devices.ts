import { statSync } from "node:fs";

import type { DeviceTree, RawDevice, UdevRecord } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import type { AttributeReader } from "./attributes.js";
import { decodeDevices } from "./device-record.js";
import { isAttributeName, relativeDevpath } from "./devpath.js";
import { ERRNO, systemError } from "./errno.js";
import type { SysfsRoot } from "./sysfs-root.js";
import { tooOld } from "./errors.js";
import { readUdevRecord } from "./udev.js";

/** A sysfs, read only. */
export class SysfsDevices implements DeviceTree {
  readonly #addon: Addon;
  readonly #root: SysfsRoot;
  readonly #attributes: AttributeReader;
  readonly #netns: "own" | "other";
  readonly #subsystems = new Set<string>(); // those that were found: a class or a bus does not end while a device is in it

  /** `netns`: whose network devices it shows, the caller's or another's. */
  constructor(addon: Addon, root: SysfsRoot, attributes: AttributeReader, netns: "own" | "other") {
    this.#addon = addon;
    this.#root = root;
    this.#attributes = attributes;
    this.#netns = netns;
  }

  async enumerate(): Promise<readonly RawDevice[]> {
    const packed = await this.#addon.walkDevices(this.#root.fd);
    if (typeof packed === "number") throw systemError("reading /sys/devices", packed);
    return decodeDevices(packed);
  }

  read(devpath: string): RawDevice | undefined {
    const path = relativeDevpath(devpath);
    const packed = path === undefined ? -ERRNO.ENOENT : this.#addon.readDevice(this.#root.fd, path);
    return typeof packed === "number" ? absent(packed) : decodeDevices(packed)[0];
  }

  incarnation(devpath: string): string | undefined {
    const path = relativeDevpath(devpath);
    const inode = path === undefined ? -ERRNO.ENOENT : this.#addon.deviceInode(this.#root.fd, path);
    return typeof inode === "number" ? absent(inode) : inode;
  }

  isSubsystem(name: string): boolean {
    if (this.#subsystems.has(name)) return true;
    if (!isAttributeName(name) || name.includes("/")) return false;
    const sys = `/proc/self/fd/${this.#root.fd}`;
    const found = isThere(`${sys}/class/${name}`) || isThere(`${sys}/bus/${name}`);
    if (found) this.#subsystems.add(name);
    return found;
  }

  attribute(devpath: string, name: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    const path = relativeDevpath(devpath);
    if (path === undefined || !isAttributeName(name)) return Promise.resolve(undefined);
    return this.#attributes.read(this.#root, `${path}/${name}`, timeoutMs);
  }

  udev(device: RawDevice): UdevRecord | undefined {
    const isForeign = this.#netns === "other" && device.subsystem === "net"; // udevd's n2 is another device
    return isForeign ? undefined : readUdevRecord(device);
  }

  close(): void {
    this.#root.close();
  }
}

const ABSENT: ReadonlySet<number> = new Set([
  ERRNO.ENOENT,
  ERRNO.ENODEV,
  ERRNO.ENOTDIR,
  ERRNO.ELOOP, // a symlink on the way
  ERRNO.ENAMETOOLONG,
  ERRNO.EACCES,
  ERRNO.EBADF, // it was closed
]);

/** @throws KernelError, Error where the result does not say that there is no device */
function absent(result: number): undefined {
  if (ABSENT.has(-result)) return undefined;
  const cause = systemError("reading /sys/devices", result);
  throw result === -ERRNO.ENOSYS ? tooOld("open what is below a directory", "5.6", cause) : cause;
}

/** @throws Error the system does not let us look */
function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
