import { readdirSync, readlinkSync } from "node:fs";
import type { Dirent } from "node:fs";
import { basename, join } from "node:path";

/** The devices of the host, plainly read: all directories with a `uevent` file and a `subsystem` link. */
export function devicesOfSysfs(): string[] {
  return devicesBelow("/sys/devices").map((path) => path.slice("/sys".length));
}

/** The driver of a device; undefined if it has none. */
export function driverOf(devpath: string): string | undefined {
  try {
    return basename(readlinkSync(`/sys${devpath}/driver`));
  } catch {
    return undefined;
  }
}

function devicesBelow(path: string): string[] {
  const entries = read(path);
  const isDevice = ["uevent", "subsystem"].every((name) => entries.some((entry) => entry.name === name));
  const below = entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => devicesBelow(join(path, name)));
  return isDevice ? [path, ...below] : below;
}

function read(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return []; // it went meanwhile
  }
}
