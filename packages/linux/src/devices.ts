import { existsSync } from "node:fs";

import type { DeviceTree, RawDevice, UdevRecord } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import type { AttributeReader } from "./attributes.js";
import { decodeDevices } from "./device-record.js";
import { isAttributeName, relativeDevpath } from "./devpath.js";
import { systemError } from "./errno.js";
import type { SysfsRoot } from "./sysfs-root.js";
import { readUdevRecord } from "./udev.js";

/** A sysfs, read only. */
export class SysfsDevices implements DeviceTree {
  readonly #addon: Addon;
  readonly #root: SysfsRoot;
  readonly #attributes: AttributeReader;
  readonly #subsystems = new Set<string>(); // those that were found: a class or a bus does not end while a device is in it

  constructor(addon: Addon, root: SysfsRoot, attributes: AttributeReader) {
    this.#addon = addon;
    this.#root = root;
    this.#attributes = attributes;
  }

  async enumerate(): Promise<readonly RawDevice[]> {
    const packed = await this.#addon.walkDevices(this.#root.fd);
    if (typeof packed === "number") throw systemError("reading /sys/devices", packed);
    return decodeDevices(packed);
  }

  read(devpath: string): RawDevice | undefined {
    const path = relativeDevpath(devpath);
    const packed = path === undefined ? undefined : this.#addon.readDevice(this.#root.fd, path);
    return packed instanceof Uint8Array ? decodeDevices(packed)[0] : undefined;
  }

  incarnation(devpath: string): string | undefined {
    const path = relativeDevpath(devpath);
    const inode = path === undefined ? undefined : this.#addon.deviceInode(this.#root.fd, path);
    return typeof inode === "string" ? inode : undefined;
  }

  isSubsystem(name: string): boolean {
    if (this.#subsystems.has(name)) return true;
    if (!isAttributeName(name) || name.includes("/")) return false;
    const sys = `/proc/self/fd/${this.#root.fd}`;
    const found = existsSync(`${sys}/class/${name}`) || existsSync(`${sys}/bus/${name}`);
    if (found) this.#subsystems.add(name);
    return found;
  }

  attribute(devpath: string, name: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    const path = relativeDevpath(devpath);
    if (path === undefined || !isAttributeName(name)) return Promise.resolve(undefined);
    return this.#attributes.read(this.#root, `${path}/${name}`, timeoutMs);
  }

  udev(device: RawDevice): UdevRecord | undefined {
    return readUdevRecord(device);
  }

  close(): void {
    this.#root.close();
  }
}
