import { fstatSync, rmdirSync, statSync } from "node:fs";

import type { KernelError } from "@uevent-bridge/kernel";

import { inside } from "./directory-above.js";
import { unusable } from "./directory-open.js";
import { codeOf, ERRNO, errnoName, systemError } from "./errno.js";
import { tooOld } from "./errors.js";

/** Where a file system of ours is mounted, below a directory of the host. */
export const MOUNT = "fs";

/** A relay before this one was killed, or a container kept it. @param fd of the directory */
export function isMounted(fd: number): boolean {
  const found = statSync(inside(fd, MOUNT), { throwIfNoEntry: false });
  return found !== undefined && found.dev !== fstatSync(fd).dev;
}

/**
 * Unmounts it, if it is mounted, and removes its place; that stays for the next relay where somebody has just bound our directory elsewhere,
 * with what was mounted in it. @param fd of the directory @param unmount throws where it cannot
 */
export function leaveMount(fd: number, unmount: () => void): void {
  while (isMounted(fd)) unmount();
  try {
    rmdirSync(inside(fd, MOUNT));
  } catch (error) {
    if (!["EBUSY", "ENOENT"].includes(codeOf(error) ?? "")) throw error;
  }
}

/** @param path of the directory @param result what the system said */
export function noMount(path: string, result: number): KernelError {
  const cause = systemError("mounting a tmpfs", result);
  if (result === -ERRNO.ENOSYS) return tooOld("change a mount by its descriptor", "5.12", cause);
  const problem = `no file system can be mounted there: the system says ${errnoName(result)}`;
  return unusable(path, problem, "run as root", cause);
}
