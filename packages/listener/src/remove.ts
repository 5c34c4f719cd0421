import { rmSync } from "node:fs";

/** What cannot be removed stays: it is swept once the directory can be written. */
export function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // nobody waits for it
  }
}
