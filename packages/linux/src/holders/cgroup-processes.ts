import { mountNamespaceOf } from "../rights/cgroups.js";
import { someBelow } from "../rights/processes-below.js";

/** Those cgroups of a process in which no program of the host is: none for one that finds the host's files. */
export function ownCgroups(pid: number, cgroups: readonly (string | undefined)[]): readonly string[] {
  const host = mountNamespaceOf("self");
  if (mountNamespaceOf(pid) === host) return [];
  const isHosts = (each: number | undefined) =>
    each !== undefined && (!mayBeContainers(each) || mountNamespaceOf(each) === host);
  return cgroups.filter((path) => path !== undefined).filter((path) => !someBelow(path, isHosts));
}

/** Neither ours nor the machine's first. */
export function mayBeContainers(pid: number): boolean {
  return pid !== process.pid && pid !== 1;
}
