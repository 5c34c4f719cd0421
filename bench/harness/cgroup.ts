import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/** A cgroup of the bench's own, in which nobody is. */
export interface OwnCgroup extends Disposable {
  readonly path: string;
}

/** Whether this user can make one, in cgroup v2, and mount: the rest of the bench needs neither. */
export function canHoldDevices(): boolean {
  return process.getuid?.() === 0 && unified() !== undefined;
}

/** @throws Error there is no cgroup v2, or it is not ours to change */
export function makeCgroup(): OwnCgroup {
  const path = mkdtempSync(join(unified() ?? "", "uevent-bridge-bench-"));
  return { path, [Symbol.dispose]: () => remove(path) };
}

function remove(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) remove(join(path, entry.name));
  rmdirSync(path);
}

/** Where cgroup v2 is mounted. */
function unified(): string | undefined {
  const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
  return lines.find((line) => line.includes(" - cgroup2 "))?.split(" ")[4];
}
