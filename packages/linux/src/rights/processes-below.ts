import { opendirSync } from "node:fs";
import { join } from "node:path";

import { bytesOf } from "../bytes-path.js";
import { codeOf } from "../errno.js";
import { readText } from "../read-text.js";

export const CGROUPS_MAX = 1024; // of a container, which may make others below its own
export const PATH_MAX = 4000; // bytes of the path of one: the kernel takes and says less than 4096, with the name of a file in it

/** It is gone, or threaded: the members of such a one are listed at its domain above. */
const EMPTY: ReadonlySet<string> = new Set(["ENOENT", "ENODEV", "ENOTSUP"]); // EOPNOTSUPP: Linux has one number for both

/** A process, and the cgroup that it is in. */
export interface Member {
  readonly pid: number;
  readonly cgroup: string;
}

/** The processes in a cgroup and those below it; undefined in the end if there may be others in cgroups that are not looked at. */
export function* membersBelow(cgroup: string): Generator<Member | undefined> {
  const found = [cgroup];
  let more = false;
  for (let at = 0; at < found.length; at++) {
    const path = found[at] ?? "";
    for (const pid of unlessEmpty(() => processesAt(path)) ?? []) yield { pid, cgroup: path };
    more ||= unlessEmpty(() => addBelow(path, found)) ?? false;
  }
  if (more) yield undefined;
}

/** The same without where they are. */
export function* processesBelow(cgroup: string): Generator<number | undefined> {
  for (const member of membersBelow(cgroup)) yield member?.pid;
}

/** Whether it is so for one of them. */
export function someBelow(cgroup: string, isSought: (pid: number | undefined) => boolean): boolean {
  for (const pid of processesBelow(cgroup)) if (isSought(pid)) return true;
  return false;
}

function processesAt(cgroup: string): readonly number[] {
  const pids = readText(bytesOf(join(cgroup, "cgroup.procs")))
    .split("\n")
    .filter(Boolean)
    .map(Number);
  return pids.filter((pid) => pid > 0); // 0: of a pid namespace that we do not see
}

/** True if there are more than is room for: no more of the directory is read than that. */
function addBelow(cgroup: string, found: string[]): boolean {
  for (const name of namesBelow(cgroup)) {
    if (found.length === CGROUPS_MAX || cgroup.length + name.length > PATH_MAX) return true;
    found.push(join(cgroup, name));
  }
  return false;
}

/** The cgroups right below one. */
export function* namesBelow(cgroup: string): Generator<string> {
  const directory = opendirSync(bytesOf(cgroup), { encoding: "latin1" });
  try {
    for (let entry = directory.readSync(); entry; entry = directory.readSync())
      if (entry.isDirectory()) yield entry.name;
  } finally {
    directory.closeSync();
  }
}

function unlessEmpty<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (EMPTY.has(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}
