import { closeSync, openSync } from "node:fs";

import type { Addon } from "../addon.js";
import { inodeOf } from "../namespaces.js";
import { readText } from "../read-text.js";
import type { ProcessCgroups } from "./cgroups.js";
import { cgroupsOf, pathsIn } from "./cgroups.js";

/**
 * The roots of a process's cgroup namespace in each hierarchy, as far as they are above it; none if the namespace is ours, or may not be
 * entered. No mount of the container's, and nothing to which it changes its root, has a part in it.
 */
export function cgroupNamespaceRoots(addon: Addon, pid: number, hierarchy: ProcessCgroups): readonly string[] {
  const seen = seenIn(addon, pid);
  if (seen === undefined) return [];
  const [its, ours, from] = [cgroupsOf(pid, hierarchy), cgroupsOf(process.pid, hierarchy), pathsIn(seen)];
  return (["unified", "devices", "freezer"] as const).flatMap((kind) => {
    const [top, path, own, ownSeen] = [hierarchy[kind], its[kind], ours[kind], from[kind]];
    if (top === undefined || path === undefined || own === undefined || ownSeen === undefined) return [];
    const depth = depthOfRoot(partsOf(own.slice(top.length)), partsOf(ownSeen));
    const parts = partsOf(path.slice(top.length));
    return depth > 0 && depth <= parts.length ? [[top, ...parts.slice(0, depth)].join("/")] : [];
  });
}

/** Our own cgroups, as they are written there: `/../..` leads from its root up to what is above both. */
function seenIn(addon: Addon, pid: number): string | undefined {
  const link = `/proc/${pid}/ns/cgroup`;
  if (inodeOf(link) === inodeOf("/proc/self/ns/cgroup")) return undefined;
  const namespace = openSync(link, "r");
  const copy = addon.enterCgroups(namespace);
  closeSync(namespace);
  if (copy < 0) return undefined;
  try {
    return readText(`/proc/self/fd/${copy}`);
  } finally {
    closeSync(copy);
  }
}

/** How far below the top of the hierarchy. @param own our path from the top @param seen the same path as it is written from that root */
function depthOfRoot(own: readonly string[], seen: readonly string[]): number {
  const up = seen.filter((part) => part === "..").length;
  const common = own.length - (seen.length - up);
  return common < 0 ? 0 : common + up;
}

const partsOf = (path: string): readonly string[] => path.split("/").filter((part) => part !== "");
