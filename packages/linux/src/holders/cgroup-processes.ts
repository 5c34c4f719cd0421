import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { mountNamespaceOf } from "../rights/cgroups.js";

const CGROUPS_MAX = 1024; // of a container, which may make others below its own

/** The processes in a cgroup and those below it; undefined in the end if there are more cgroups than are looked at. */
export function* processesBelow(cgroup: string): Generator<number | undefined> {
  const waiting = [cgroup];
  for (let looked = 0; waiting.length > 0 && looked < CGROUPS_MAX; looked++) {
    const path = waiting.pop() ?? "";
    yield* processesAt(path);
    waiting.push(...below(path));
  }
  if (waiting.length > 0) yield undefined;
}

/** Those cgroups of a process in which no program of the host is: none for one that finds the host's files. */
export function ownCgroups(pid: number, cgroups: readonly (string | undefined)[]): readonly string[] {
  const host = mountNamespaceOf("self");
  if (mountNamespaceOf(pid) === host) return [];
  const isHosts = (each: number | undefined) =>
    each !== undefined && (!mayBeContainers(each) || mountNamespaceOf(each) === host);
  return cgroups.filter((path) => path !== undefined).filter((path) => !some(processesBelow(path), isHosts));
}

/** Neither ours nor the machine's first. */
export function mayBeContainers(pid: number): boolean {
  return pid !== process.pid && pid !== 1;
}

/** Empty if it is gone, or threads of one process are in cgroups of their own there. */
function processesAt(cgroup: string): readonly number[] {
  try {
    const pids = readFileSync(join(cgroup, "cgroup.procs"), "latin1").split("\n").filter(Boolean).map(Number);
    return pids.filter((pid) => pid > 0); // 0: of a pid namespace that we do not see
  } catch {
    return [];
  }
}

function below(cgroup: string): readonly string[] {
  try {
    const entries = readdirSync(cgroup, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(cgroup, name));
  } catch {
    return [];
  }
}

function some<T>(all: Iterable<T>, isSought: (each: T) => boolean): boolean {
  for (const each of all) if (isSought(each)) return true;
  return false;
}
