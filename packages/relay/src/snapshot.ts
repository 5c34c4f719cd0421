import { heldAt } from "./claiming.js";
import type { KnownDevice } from "./known-device.js";
import type { Device } from "./types.js";

/** A device as plain data, as it is now. */
export function snapshot(device: KnownDevice): Device {
  const devtype = device.property("DEVTYPE");
  const driver = device.property("DRIVER");
  const devname = devnameOf(device);
  const number = numberOf(device);
  const parent = device.parent?.devpath;
  const holder = heldAt(device)?.holder;
  return {
    devpath: device.devpath,
    incarnation: device.incarnation,
    subsystem: device.subsystem,
    ...(devtype !== undefined && { devtype }),
    ...(driver !== undefined && { driver }),
    ...(devname !== undefined && { devname }),
    ...(number && { number }),
    links: device.links,
    properties: new Map(device.properties),
    tags: device.tags,
    ...(parent !== undefined && { parent }),
    ...(holder && { holder }),
  };
}

/** Its node below `/dev`, as an absolute path. */
export function devnameOf(device: KnownDevice): string | undefined {
  const name = device.properties.get("DEVNAME"); // the kernel's is relative to /dev
  return name === undefined || name.startsWith("/") ? name : `/dev/${name}`;
}

export function numberOf(device: KnownDevice): Device["number"] {
  const major = Number(device.properties.get("MAJOR") ?? Number.NaN);
  const minor = Number(device.properties.get("MINOR") ?? Number.NaN);
  if (!Number.isInteger(major) || !Number.isInteger(minor)) return undefined;
  return { type: device.subsystem === "block" ? "block" : "char", major, minor };
}
