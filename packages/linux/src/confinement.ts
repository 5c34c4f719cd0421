import { existsSync } from "node:fs";
import { join } from "node:path";

import { KernelError } from "@uevent-bridge/kernel";

import { errnoOf } from "./errno.js";
import { unescaped } from "./mountinfo.js";
import { inodeOf } from "./namespaces.js";
import { readText } from "./read-text.js";
import { parseCgroup } from "./rights/cgroups.js";

/** CLONE_NEW*, by their names in /proc/PID/ns. */
const NAMESPACES = {
  user: 0x1000_0000,
  mnt: 0x0002_0000,
  pid: 0x2000_0000,
  net: 0x4000_0000,
  ipc: 0x0800_0000,
  uts: 0x0400_0000,
  cgroup: 0x0200_0000,
  time: 0x80,
} as const;
const UNLIMITED = 2n ** 64n - 1n;

/** What a process is held to, beside its namespaces. */
export interface Confinement {
  /** CLONE_NEW* of those of its namespaces that are not ours. */
  readonly namespaces: number;
  /** Its bounding set: what root can have there. */
  readonly capabilities: bigint;
  readonly noNewPrivs: boolean;
  /** True if it has a seccomp filter, which cannot be given to another process. */
  readonly isFiltered: boolean;
  readonly oomScoreAdj: string;
  /** From RLIMIT_CPU to RLIMIT_RTTIME. */
  readonly limits: readonly { readonly soft: bigint; readonly hard: bigint }[];
  /** For each hierarchy in which it is elsewhere than we are: the file by which one joins its cgroup, as latin1. */
  readonly cgroups: readonly string[];
}

/** Reads it of a process. @throws KernelError NO_PRIVILEGE: it has a security label, or a cgroup that cannot be found here; Error: it has ended */
export function confinementOf(pid: number): Confinement {
  checkLabel(pid);
  const status = read(pid, "status");
  return {
    namespaces: namespacesOf(pid),
    limits: limitsOf(read(pid, "limits")),
    capabilities: BigInt(`0x${valueIn(status, "CapBnd")}`),
    noNewPrivs: valueIn(status, "NoNewPrivs") !== "0",
    isFiltered: valueIn(status, "Seccomp") !== "0",
    oomScoreAdj: read(pid, "oom_score_adj").trim(),
    cgroups: cgroupFiles(pid, read(pid, "cgroup"), read("self", "cgroup"), read("self", "mountinfo")),
  };
}

/** Of /proc/PID/status. Its first line is the name of the process, which is the container's: only a newline ends it. */
export function valueIn(status: string, name: string): string {
  const line = status.split("\n").find((each) => each.startsWith(`${name}:\t`)) ?? "";
  return line.slice(name.length + 2);
}

function namespacesOf(pid: number): number {
  const isOther = (name: string): boolean => {
    const [theirs, ours] = [`/proc/${pid}/ns/${name}`, `/proc/self/ns/${name}`];
    return existsSync(ours) && inodeOf(theirs) !== inodeOf(ours); // a kernel without it has it for nobody
  };
  return Object.entries(NAMESPACES).reduce((all, [name, flag]) => (isOther(name) ? all | flag : all), 0);
}

/** Of /proc/PID/limits, which has them in the order of their numbers. */
export function limitsOf(table: string): Confinement["limits"] {
  const value = (text: string): bigint => (text === "unlimited" ? UNLIMITED : BigInt(text));
  return Array.from(table.matchAll(/^Max .{21} +(unlimited|\d+) +(unlimited|\d+)/gm), ([, soft = "", hard = ""]) => {
    return { soft: value(soft), hard: value(hard) };
  });
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
  const { controllers, path } = parseCgroup(line) ?? { controllers: ["none"], path: line };
  for (const mount of mountinfo.split("\n")) {
    const [left = "", right = ""] = mount.split(" - ");
    const [root = "", place = ""] = left.split(" ").slice(3).map(unescaped);
    const [type, , options = ""] = right.split(" ");
    if (type !== (controllers.length === 0 ? "cgroup2" : "cgroup")) continue;
    const has = new Set(options.split(","));
    if (!controllers.every((controller) => has.has(controller))) continue;
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
  return readText(`/proc/${pid}/${name}`);
}

export function mayNotRun(pid: number, problem: string, remedy: string, cause?: unknown): KernelError {
  return new KernelError("NO_PRIVILEGE", `no program can be run beside process ${pid}: ${problem}`, remedy, { cause });
}
