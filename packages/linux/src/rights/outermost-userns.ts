import { closeSync, openSync } from "node:fs";

import type { Addon } from "../addon.js";
import { fromWithin, inodeOf } from "../namespaces.js";
import { readText } from "../read-text.js";
import { orUndo } from "../undo.js";

/** As the kernel nests them at most. */
const DEPTH_MAX = 33;

/** A user namespace right below ours. */
export interface Userns {
  /** Like /proc/PID/uid_map, with our ids outside. */
  readonly uids: string;
  /** The uid of who made it. */
  readonly maker: number;
}

/**
 * The user namespace right below ours in which a process is, however deep it has nested others there: none of its own processes may be
 * left in it. Undefined if it is in ours, or in none of ours.
 * @throws Error it has ended, or may not be looked at
 */
export function outermostUserns(addon: Addon, pid: number): Userns | undefined {
  const ours = inodeOf("/proc/self/ns/user");
  let fd = openSync(`/proc/${pid}/ns/user`, "r");
  try {
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      const above = addon.namespaceParent(fd);
      if (above < 0) return undefined;
      const isOurs = orUndo(
        () => inodeOf(above) === ours,
        () => closeSync(above),
      );
      if (isOurs) {
        closeSync(above);
        return {
          maker: addon.namespaceOwnerUid(fd),
          uids: depth === 0 ? readUids(pid) : fromWithin(addon, fd, readUids),
        };
      }
      closeSync(fd);
      fd = above;
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

const readUids = (pid: number): string => readText(`/proc/${pid}/uid_map`);
