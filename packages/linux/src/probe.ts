import { closeSync, openSync } from "node:fs";
import { release } from "node:os";

import { loadAddon } from "./addon.js";
import type { Addon } from "./addon.js";

const BY_THREAD = -1;
const SMALL = 4096; // bytes

/** What this process may do here, found by trying. */
export interface Abilities {
  /** As `uname -r` says it. */
  readonly release: string;
  /** It hears the kernel. */
  readonly listen: boolean;
  /** It may enter network namespaces of its user namespace, as root may. Without it, only those that this user made. */
  readonly enterNamespaces: boolean;
}

/** Tries what containers are served with. @throws KernelError ADDON_MISSING */
export function probe(): Abilities {
  const addon = loadAddon();
  return {
    release: release(),
    listen: succeeds(addon.openUeventSocket(1, SMALL)),
    enterNamespaces: mayEnter(addon),
  };
}

function mayEnter(addon: Addon): boolean {
  const own = openSync("/proc/self/ns/net", "r");
  const entered = addon.enterListener(own, BY_THREAD, 1, SMALL);
  closeSync(own);
  return succeeds(typeof entered === "number" ? entered : entered[0]);
}

function succeeds(fd: number): boolean {
  if (fd >= 0) closeSync(fd);
  return fd >= 0;
}
