import { closeSync } from "node:fs";

import type { FileLock } from "../file-lock.js";
import type { OpenCgroup } from "./cgroup-program.js";

/** A cgroup of which no other relay says what its programs may open. */
export interface Cgroup extends OpenCgroup {
  readonly lock: FileLock;
}

export function letGo({ fd, lock }: Cgroup): void {
  closeSync(fd);
  lock.release();
}
