import { closeSync, constants, openSync } from "node:fs";

import type { RawDevice, UdevRecord } from "@uevent-bridge/kernel";
import { udevId } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { ERRNO, codeOf, systemError } from "./errno.js";
import { O_PATH } from "./flags.js";
import { readText } from "./read-text.js";

const DATABASE = "/run/udev/data";
const CONTROL = "/run/udev/control";
const PRIORITY = /^-?\d{1,9}$/;
const LISTENS = 0x10000; // SO_ACCEPTCON in the flags of /proc/net/unix

/** What udevd wrote down about a device; undefined if nothing. @throws Error if the database cannot be read */
export function readUdevRecord(device: RawDevice, database = DATABASE): UdevRecord | undefined {
  try {
    return parseUdevRecord(readText(`${database}/${recordName(device)}`));
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The name of a device's file in udev's database. */
export function recordName(device: RawDevice): string {
  const lines = Buffer.from(device.uevent).toString("latin1").split("\n");
  return udevId(device, (key) => lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1));
}

/** Lines: `S:` link, `L:` their priority, `E:KEY=VALUE`, `G:` tag, `Q:` tag that holds now; others are udevd's own affair. */
export function parseUdevRecord(text: string): UdevRecord {
  const lines = text.split("\n");
  const values = (kind: string): string[] =>
    lines.filter((line) => line.startsWith(`${kind}:`)).map((line) => line.slice(2));
  const current = values("Q");
  const [priority = 0] = values("L")
    .filter((each) => PRIORITY.test(each))
    .map(Number);
  return {
    properties: new Map(values("E").map(splitPair)),
    links: values("S").map((link) => `/dev/${link}`),
    ...(priority !== 0 && { priority }),
    tags: current.length > 0 ? current : values("G"), // before systemd 247 there is no Q
  };
}

function splitPair(pair: string): [key: string, value: string] {
  const eq = pair.indexOf("="); // the first one: a value may contain "="
  return eq < 0 ? [pair, ""] : [pair.slice(0, eq), pair.slice(eq + 1)];
}

/**
 * True if somebody has udevd's control socket. Connecting would disturb it, and the kernel's list of sockets is as long as anybody makes
 * it: so a socket of another kind asks, which is refused in one way where somebody is there, and in another where it is only a file.
 * @throws Error where the system refuses to say it
 */
export function udevListens(addon: Pick<Addon, "connectSocketFile">, control = CONTROL): boolean {
  const file = openPlace(control);
  if (file === undefined) return false;
  const result = addon.connectSocketFile(file);
  closeSync(file);
  if (result >= 0) closeSync(result);
  if (result >= 0 || result === -ERRNO.ECONNREFUSED) return false;
  if (result === -ERRNO.EPROTOTYPE || result === -ERRNO.EACCES) return true; // who may not ask believes the file
  throw systemError(`connect to ${control}`, result);
}

function openPlace(path: string): number | undefined {
  try {
    return openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** True if somebody listens there, by the text of `/proc/PID/net/unix`. */
export function listensOnControl(unixSockets: string): boolean {
  return unixSockets.split("\n").some((line) => {
    const [, , , flags = "", , , , path] = line.split(/\s+/);
    return path === CONTROL && (Number.parseInt(flags, 16) & LISTENS) !== 0;
  });
}
