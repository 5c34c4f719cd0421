import { closeSync, existsSync } from "node:fs";

import { inside } from "../directory-above.js";
import type { FileLock } from "../file-lock.js";
import type { OpenCgroup } from "./cgroup-program.js";

/** A cgroup of which no other relay says what its programs may open. */
export interface Cgroup extends OpenCgroup {
  readonly lock: FileLock;
}

/** @param keeps what is noted of it, for the relay after this one */
export function letGo({ fd, lock }: Cgroup, keeps = false): void {
  closeSync(fd);
  lock.release(keeps);
}

/** Does something to a cgroup. Where that has been removed meanwhile, as with its container, there is nothing to be done. */
export function unlessGone<T>({ fd }: Cgroup, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (existsSync(inside(fd, "cgroup.procs"))) throw error;
    return undefined;
  }
}
