import { readFileSync } from "node:fs";

import type { RawDevice, UdevRecord } from "@uevent-bridge/kernel";

import { sysnameOf } from "./devpath.js";
import { codeOf } from "./errno.js";

const DATABASE = "/run/udev/data";
const CONTROL = "/run/udev/control";
const LISTENS = 0x10000; // SO_ACCEPTCON in the flags of /proc/net/unix

/** What udevd wrote down about a device; undefined if nothing. @throws Error if the database cannot be read */
export function readUdevRecord(device: RawDevice, database = DATABASE): UdevRecord | undefined {
  try {
    return parseUdevRecord(readFileSync(`${database}/${udevId(device)}`, "latin1"));
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The name of a device's file in udev's database: `b8:1`, `c116:3`, `n2`, `+usb:1-2`. */
export function udevId({ devpath, subsystem, uevent }: RawDevice): string {
  const text = Buffer.from(uevent).toString("latin1");
  const [major, minor, ifindex] = ["MAJOR", "MINOR", "IFINDEX"].map(
    (key) => new RegExp(`^${key}=(\\d+)$`, "m").exec(text)?.[1],
  );
  if (major && minor) return `${subsystem === "block" ? "b" : "c"}${major}:${minor}`;
  if (ifindex) return `n${ifindex}`;
  return `+${subsystem}:${sysnameOf(devpath)}`;
}

/** Lines: `S:` link, `E:KEY=VALUE`, `G:` tag, `Q:` tag that holds now; others are udevd's own affair. */
export function parseUdevRecord(text: string): UdevRecord {
  const lines = text.split("\n");
  const values = (kind: string): string[] =>
    lines.filter((line) => line.startsWith(`${kind}:`)).map((line) => line.slice(2));
  const current = values("Q");
  return {
    properties: new Map(values("E").map(splitPair)),
    links: values("S").map((link) => `/dev/${link}`),
    tags: current.length > 0 ? current : values("G"), // before systemd 247 there is no Q
  };
}

function splitPair(pair: string): [key: string, value: string] {
  const eq = pair.indexOf("="); // the first one: a value may contain "="
  return eq < 0 ? [pair, ""] : [pair.slice(0, eq), pair.slice(eq + 1)];
}

/** True if somebody listens on udevd's control socket. Connecting would disturb it, so the kernel's list is read. */
export function udevListens(unixSockets: string = readFileSync("/proc/net/unix", "latin1")): boolean {
  return unixSockets.split("\n").some((line) => {
    const [, , , flags = "", , , , path] = line.split(/\s+/);
    return path === CONTROL && (Number.parseInt(flags, 16) & LISTENS) !== 0;
  });
}
