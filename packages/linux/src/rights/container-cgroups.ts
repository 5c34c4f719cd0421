import { statSync } from "node:fs";
import { join } from "node:path";

import type { Addon } from "../addon.js";
import { bytesOf } from "../bytes-path.js";
import { PidNamespaces, pidNamespaceOf } from "../holders/pid-namespaces.js";
import { isInside } from "../id-map.js";
import { Reading } from "../mount-tables.js";
import type { ProcessCgroups } from "./cgroups.js";
import { cgroupMounts, cgroupsOf, hierarchies, mountNamespaceOf } from "./cgroups.js";
import { cgroupNamespaceRoots } from "./cgroup-namespace.js";
import { outermostUserns } from "./outermost-userns.js";
import { PATH_MAX, membersBelow } from "./processes-below.js";
import { tooDeep } from "./refusal.js";

const MOUNTS_MAX = 1_048_576; // bytes: a container makes its list as long as it likes

/**
 * The cgroups of the container that a process is in: the highest that is marked as the container's and in which nobody else is, as it may
 * have put that process, or any other, into one that it made. Where none is marked, those of the process.
 * @throws KernelError PATH_UNUSABLE: they are nested too deep. @throws Error it has ended
 */
export function containerCgroupsOf(addon: Addon, pid: number): ProcessCgroups {
  const hierarchy = hierarchies();
  const { unified, devices, freezer } = cgroupsOf(pid, hierarchy);
  const roots = new Set([...writableRoots(pid, hierarchy), ...cgroupNamespaceRoots(addon, pid, hierarchy)]);
  const owns = ownership(addon, pid);
  const isOthers = otherness(addon, pid);
  const highest = (cgroup: string | undefined, top: string | undefined) => {
    if (cgroup === undefined || top === undefined) return undefined;
    const marked = highestMarked(cgroup, top, (each) => roots.has(each) || owns(each)) ?? cgroup;
    return usable(below(marked, cgroup, isOthers), pid);
  };
  return {
    unified: highest(unified, hierarchy.unified),
    devices: highest(devices, hierarchy.devices),
    freezer: highest(freezer, hierarchy.freezer),
  };
}

/** The first from the top of the hierarchy on, without that: how deep a container nests those below one of its own costs nothing. */
function highestMarked(cgroup: string, top: string, isMarked: (cgroup: string) => boolean): string | undefined {
  for (let each = top; each !== cgroup && each.length <= PATH_MAX;) {
    each = nextBelow(each, cgroup);
    if (isMarked(each)) return each;
  }
  return undefined;
}

/** The kernel cuts off longer ones, and says it of none: what is left may be the name of another. */
function usable(path: string, pid: number): string {
  if (path.length > PATH_MAX) throw tooDeep(pid);
  return path;
}

/** The highest from `marked` down to `cgroup` in which, and below which, nobody else is known to be. */
function below(marked: string, cgroup: string, isOthers: (pid: number) => boolean): string {
  let own = marked;
  if (own === cgroup) return own;
  for (const member of membersBelow(marked))
    while (member && own !== cgroup && isAt(member.cgroup, own) && isOthers(member.pid)) own = nextBelow(own, cgroup);
  return own;
}

const isAt = (path: string, cgroup: string): boolean => path === cgroup || path.startsWith(`${cgroup}/`);

/** One step from one above towards a cgroup. */
function nextBelow(above: string, cgroup: string): string {
  const end = cgroup.indexOf("/", above.length + 1);
  return end < 0 ? cgroup : cgroup.slice(0, end);
}

/** The cgroups that the process finds mounted for it to write to. All of a hierarchy says nothing: it is the host's. */
function writableRoots(pid: number, hierarchy: ProcessCgroups): readonly string[] {
  const mounts = cgroupMounts(new Reading(MOUNTS_MAX).table(`${pid}`));
  const own = mounts.filter(({ root, isWritable }) => isWritable && root !== "/" && !root.startsWith("/.."));
  return own.flatMap(({ kind, root }) => (hierarchy[kind] === undefined ? [] : [join(hierarchy[kind], root)]));
}

/** Whether a cgroup was given to an id of its user namespace. Who made that has cgroups for other things too. */
function ownership(addon: Addon, pid: number): (cgroup: string) => boolean {
  const userns = outermostUserns(addon, pid);
  if (userns === undefined) return () => false;
  return (cgroup) => {
    const found = statSync(bytesOf(cgroup), { throwIfNoEntry: false });
    return found !== undefined && found.uid !== userns.maker && isInside(userns.uids, found.uid);
  };
}

/** Whether a process that runs is not of the container, nor what a relay runs for it. */
function otherness(addon: Addon, pid: number): (other: number) => boolean {
  const [host, files] = [mountNamespaceOf("self"), mountNamespaceOf(pid)];
  const namespace = pidNamespaceOf(pid);
  const isApart = namespace !== undefined && namespace !== pidNamespaceOf("self");
  const own = isApart ? new PidNamespaces(addon, namespace) : undefined;
  return (other) => {
    if (other === process.pid || other === 1) return true;
    const its = mountNamespaceOf(other);
    if (its === undefined || its === host) return its === host; // undefined: it has ended
    return its !== files && own?.has(other) === false && pidNamespaceOf(other) !== undefined;
  };
}
