import { readFileSync } from "node:fs";
import { join } from "node:path";

import { KernelError } from "@uevent-bridge/kernel";

import { errnoOf } from "./errno.js";

/** What a process is held to, beside its namespaces. */
export interface Confinement {
  /** Its bounding set: what root can have there. */
  readonly capabilities: bigint;
  readonly noNewPrivs: boolean;
  /** True if it has a seccomp filter, which cannot be given to another process. */
  readonly isFiltered: boolean;
  readonly oomScoreAdj: string;
  /** For each hierarchy in which it is elsewhere than we are: the file by which one joins its cgroup. */
  readonly cgroups: readonly string[];
}

/** Reads it of a process. @throws KernelError NO_PRIVILEGE: it has a security label, or a cgroup that cannot be found here; Error: it has ended */
export function confinementOf(pid: number): Confinement {
  checkLabel(pid);
  const status = read(pid, "status");
  const valueOf = (name: string): string => new RegExp(`^${name}:\\t(.*)$`, "m").exec(status)?.[1] ?? "";
  return {
    capabilities: BigInt(`0x${valueOf("CapBnd")}`),
    noNewPrivs: valueOf("NoNewPrivs") !== "0",
    isFiltered: valueOf("Seccomp") !== "0",
    oomScoreAdj: read(pid, "oom_score_adj").trim(),
    cgroups: cgroupFiles(pid, read(pid, "cgroup"), read("self", "cgroup"), read("self", "mountinfo")),
  };
}

/** One `cgroup.procs` for each line of `theirs` that is not among `ours`, which are like /proc/PID/cgroup. */
export function cgroupFiles(pid: number, theirs: string, ours: string, mountinfo: string): readonly string[] {
  const same = new Set(ours.split("\n"));
  return theirs
    .split("\n")
    .filter((line) => line !== "" && !same.has(line))
    .map((line) => cgroupFile(pid, line, mountinfo));
}

function cgroupFile(pid: number, line: string, mountinfo: string): string {
  const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
  for (const mount of mountinfo.split("\n")) {
    const [left = "", right = ""] = mount.split(" - ");
    const [root = "", place = ""] = left.split(" ").slice(3);
    const [type, , options = ""] = right.split(" ");
    if (type !== (controllers === "" ? "cgroup2" : "cgroup")) continue;
    const has = new Set(options.split(","));
    if (controllers !== "" && !controllers.split(",").every((controller) => has.has(controller))) continue;
    const below = belowRoot(path, root);
    if (below !== undefined) return join(place, below, "cgroup.procs");
  }
  throw mayNotRun(pid, `its cgroup ${path} cannot be reached from here`, "run the relay where all cgroups are mounted");
}

function belowRoot(path: string, root: string): string | undefined {
  if (path.split("/").includes("..")) return undefined; // outside of our cgroup namespace
  if (root === "/") return path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** A label of AppArmor or SELinux that is not ours is what else keeps it from doing harm. */
function checkLabel(pid: number): void {
  const label = labelOf(pid);
  if (label === labelOf("self")) return;
  const remedy = "run `uevent-agent hotplug` in the container, whose programs have it";
  throw mayNotRun(pid, `it has the security label ${label ?? "of nobody"}, which we do not have`, remedy);
}

/** Undefined where there is no security module. */
function labelOf(pid: number | "self"): string | undefined {
  try {
    return read(pid, "attr/current").replace(/[\0\n]+$/, "");
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}

function read(pid: number | "self", name: string): string {
  return readFileSync(`/proc/${pid}/${name}`, "latin1");
}

export function mayNotRun(pid: number, problem: string, remedy: string, cause?: unknown): KernelError {
  return new KernelError("NO_PRIVILEGE", `no program can be run beside process ${pid}: ${problem}`, remedy, { cause });
}
