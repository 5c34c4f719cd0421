import { constants } from "node:fs";

import type { NodeInside } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { glimpsesIn } from "./glimpse.js";

const TYPE = 0o170000; // of a mode
const RIGHTS = 0o777;

/** What programs find at a path that see the root of a process. */
export async function nodeInside(addon: Addon, pid: number, path: string): Promise<NodeInside> {
  const glimpses = await glimpsesIn(addon, pid, [path]);
  if (!glimpses) return "unknown";
  const [found] = glimpses;
  if (!found) return "absent";
  const { mode, uid, gid, major, minor, noDevices } = found;
  const type = typeOf(mode);
  return type ? { type, major, minor, mode: mode & RIGHTS, uid, gid, opens: !noDevices } : "no-node";
}

function typeOf(mode: number): "char" | "block" | undefined {
  if ((mode & TYPE) === constants.S_IFCHR) return "char";
  return (mode & TYPE) === constants.S_IFBLK ? "block" : undefined;
}
