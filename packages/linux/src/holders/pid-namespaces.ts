import { closeSync, openSync, readlinkSync } from "node:fs";

import type { Addon } from "../addon.js";
import { inodeOf } from "../namespaces.js";

/** As the kernel nests them at most. */
const DEPTH_MAX = 32;

/** The pid namespace of a container, with those below it. */
export class PidNamespaces {
  readonly #addon: Addon;
  readonly #root: string;
  readonly #known = new Map<string, boolean>();

  /** @param root its link in /proc: `pid:[N]` */
  constructor(addon: Addon, root: string) {
    this.#addon = addon;
    this.#root = root;
  }

  /** Whether a process is in it. */
  has(pid: number): boolean {
    const link = pidNamespaceOf(pid);
    if (link === undefined) return false;
    const known = this.#known.get(link);
    if (known !== undefined) return known;
    const isBelow = link === this.#root || this.#leadsUp(pid);
    if (isBelow !== undefined) this.#known.set(link, isBelow);
    return isBelow ?? false;
  }

  /** Undefined if it has ended, which says nothing of the others in its namespace. */
  #leadsUp(pid: number): boolean | undefined {
    let fd: number;
    try {
      fd = openSync(`/proc/${pid}/ns/pid`, "r");
    } catch {
      return undefined;
    }
    try {
      for (let depth = 0; fd >= 0 && depth < DEPTH_MAX; depth++) {
        if (`pid:[${inodeOf(fd)}]` === this.#root) return true;
        const above = this.#addon.namespaceParent(fd);
        closeSync(fd);
        fd = above;
      }
      return false;
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  }
}

/** Undefined if it has ended or is not ours to see. */
export function pidNamespaceOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
