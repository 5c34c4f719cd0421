import { closeSync, openSync } from "node:fs";

import { O_PATH } from "./flags.js";
import { readText } from "./read-text.js";

/**
 * True if a directory is on a mount of our own mount namespace. What is reached through `/proc/PID/root` is on another one's, in which
 * its owner mounts what it likes, wherever it likes, while we look.
 */
export function isOnOwnMount(directory: number): boolean {
  const mount = mountOf(directory);
  return mount === mountOfRoot() || ownMounts().has(mount);
}

function mountOf(fd: number): string | undefined {
  return /^mnt_id:\t(\d+)$/m.exec(readText(`/proc/self/fdinfo/${fd}`))?.[1];
}

/** Where the root is no mount's own, as after chroot, the list does not name it. */
function mountOfRoot(): string | undefined {
  const root = openSync("/", O_PATH);
  try {
    return mountOf(root);
  } finally {
    closeSync(root);
  }
}

function ownMounts(): ReadonlySet<string | undefined> {
  const lines = readText("/proc/self/mountinfo").split("\n");
  return new Set(lines.map((line) => line.slice(0, line.indexOf(" "))));
}
