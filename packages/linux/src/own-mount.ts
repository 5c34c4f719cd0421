import { fstatSync, statSync } from "node:fs";

import type { KernelError } from "@uevent-bridge/kernel";

import { inside } from "./directory-above.js";
import { unusable } from "./directory-open.js";
import { ERRNO, errnoName, systemError } from "./errno.js";
import { tooOld } from "./errors.js";

/** Where a file system of ours is mounted, below a directory of the host. */
export const MOUNT = "fs";

/** A relay before this one was killed, or a container kept it. @param fd of the directory */
export function isMounted(fd: number): boolean {
  const found = statSync(inside(fd, MOUNT), { throwIfNoEntry: false });
  return found !== undefined && found.dev !== fstatSync(fd).dev;
}

/** @param path of the directory @param result what the system said */
export function noMount(path: string, result: number): KernelError {
  const cause = systemError("mounting a tmpfs", result);
  if (result === -ERRNO.ENOSYS) return tooOld("change a mount by its descriptor", "5.12", cause);
  const problem = `no file system can be mounted there: the system says ${errnoName(result)}`;
  return unusable(path, problem, "run as root", cause);
}
