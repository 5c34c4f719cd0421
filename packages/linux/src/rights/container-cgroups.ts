import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Addon } from "../addon.js";
import { PidNamespaces, pidNamespaceOf } from "../holders/pid-namespaces.js";
import { isInside } from "../id-map.js";
import { Reading } from "../mount-tables.js";
import { inodeOf } from "../namespaces.js";
import type { ProcessCgroups } from "./cgroups.js";
import { cgroupMounts, cgroupsOf, hierarchies, mountNamespaceOf } from "./cgroups.js";
import { someBelow } from "./processes-below.js";

const MOUNTS_MAX = 1_048_576; // bytes: a container makes its list as long as it likes

/**
 * The cgroups of the container that a process is in: the highest in which it can make others and in which nobody else is, as it may have
 * put that process, or any other, into one that it made. Where it can make none, those of the process.
 * @throws Error it has ended
 */
export function containerCgroupsOf(addon: Addon, pid: number): ProcessCgroups {
  const hierarchy = hierarchies();
  const { unified, devices, freezer } = cgroupsOf(pid, hierarchy);
  const roots = writableRoots(pid, hierarchy);
  const owns = ownership(addon, pid);
  const isOthers = otherness(addon, pid);
  const isOwn = (cgroup: string): boolean =>
    (owns(cgroup) || roots.some((root) => `${cgroup}/`.startsWith(`${root}/`))) && !someBelow(cgroup, isOthers);
  const highest = (cgroup: string | undefined) => cgroup && climb(cgroup, isOwn);
  return { unified: highest(unified), devices: highest(devices), freezer: highest(freezer) };
}

function climb(cgroup: string, isOwn: (cgroup: string) => boolean): string {
  const above = dirname(cgroup);
  return isOwn(above) ? climb(above, isOwn) : cgroup;
}

/** The cgroups that the process finds mounted for it to write to. All of a hierarchy says nothing: it is the host's. */
function writableRoots(pid: number, hierarchy: ProcessCgroups): readonly string[] {
  const mounts = cgroupMounts(new Reading(MOUNTS_MAX).table(`${pid}`));
  const own = mounts.filter(({ root, isWritable }) => isWritable && root !== "/" && !root.startsWith("/.."));
  return own.flatMap(({ kind, root }) => (hierarchy[kind] === undefined ? [] : [join(hierarchy[kind], root)]));
}

/** Whether a cgroup was given to an id of its user namespace. Who made that has cgroups for other things too. */
function ownership(addon: Addon, pid: number): (cgroup: string) => boolean {
  if (inodeOf(`/proc/${pid}/ns/user`) === inodeOf("/proc/self/ns/user")) return () => false;
  const uids = readFileSync(`/proc/${pid}/uid_map`, "latin1");
  const fd = openSync(`/proc/${pid}/ns/user`, "r");
  const maker = addon.namespaceOwnerUid(fd);
  closeSync(fd);
  return (cgroup) => {
    const { uid } = statSync(cgroup);
    return uid !== maker && isInside(uids, uid);
  };
}

/** Whether a process that runs is not of the container; undefined is one that is not known. */
function otherness(addon: Addon, pid: number): (other: number | undefined) => boolean {
  const host = mountNamespaceOf("self");
  const namespace = pidNamespaceOf(pid);
  const isApart = namespace !== undefined && namespace !== pidNamespaceOf("self");
  const own = isApart ? new PidNamespaces(addon, namespace) : undefined;
  return (other) => {
    if (other === undefined || other === process.pid || other === 1) return true;
    if (own?.has(other) === false && pidNamespaceOf(other) !== undefined) return true;
    return mountNamespaceOf(other) === host;
  };
}
