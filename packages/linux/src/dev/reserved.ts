import type { Stats } from "node:fs";

import type { DeviceEntry } from "@uevent-bridge/kernel";

const MODE = 0; // nobody but the host's root can open it, and nothing else there has none
const NULL = { kind: "node", type: "char", major: 1, minor: 3, mode: MODE, uid: 0, gid: 0 } as const;

/** What is there only so that something can be mounted on it. */
export function reservedEntry(isDirectory: boolean): DeviceEntry {
  return isDirectory ? { kind: "directory", mode: MODE } : NULL;
}

export function isReserved({ mode }: Pick<Stats, "mode">): boolean {
  return (mode & 0o7777) === MODE;
}
