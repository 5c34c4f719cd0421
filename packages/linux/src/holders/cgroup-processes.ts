import { mountNamespaceOf } from "../rights/cgroups.js";
import { processesBelow } from "../rights/processes-below.js";

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

function some<T>(all: Iterable<T>, isSought: (each: T) => boolean): boolean {
  for (const each of all) if (isSought(each)) return true;
  return false;
}
