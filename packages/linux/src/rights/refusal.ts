import { KernelError } from "@uevent-bridge/kernel";

import { textOf } from "../bytes-path.js";
import { ERRNO, errnoName, errnoOf, systemError } from "../errno.js";
import { tooOld } from "../errors.js";
import { CGROUPS_MAX, PATH_MAX } from "./processes-below.js";

// Cgroups are said as text: their paths are latin1.

export function refusal(cgroup: string, call: string, result: number): KernelError {
  const cause = systemError(call, result);
  const what = `what the programs of the cgroup ${textOf(cgroup)} may open cannot be changed`;
  switch (-result) {
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return new KernelError("NO_PRIVILEGE", `${what}: permission is denied`, "run as root (CAP_BPF, CAP_NET_ADMIN)", {
        cause,
      });
    case ERRNO.ENOSYS:
      return tooOld("say by a program what may be opened", "5.6", cause);
    default:
      return new KernelError(
        "PATH_UNUSABLE",
        `${what}: the system says ${errnoName(result)}`,
        "give the cgroup of a container that is there (--cgroup PATH)",
        { cause },
      );
  }
}

/** Of what kept us from a process's cgroup: a container calls those as it likes, and makes them as deep. Anything else is thrown again. */
export function unreachable(pid: number, error: unknown): KernelError {
  return error instanceof KernelError ? error : refusal(`of process ${pid}`, "open", errnoOf(error));
}

/** It was attached so that nothing can be beside it. */
export function standsAlone(cgroup: string): KernelError {
  return new KernelError(
    "PATH_UNUSABLE",
    `somebody has attached a device program to the cgroup ${textOf(cgroup)} that lets none be beside it`,
    "have it attached with BPF_F_ALLOW_MULTI, or do without device rights (--cgroup off)",
  );
}

export function cannotBeCopied(cgroup: string, id: number, name: string): KernelError {
  return new KernelError(
    "PATH_UNUSABLE",
    `the device program ${id}${name && ` (${name})`} of the cgroup ${textOf(cgroup)} stands in the way: it looks into maps or calls functions, so that what it allows cannot be kept`,
    "have whoever attached it let the device through, or do without device rights (--cgroup off)",
  );
}

export function mapFull(cgroup: string, entries: number): KernelError {
  return new KernelError(
    "MAP_FULL",
    `the programs of the cgroup ${textOf(cgroup)} may open ${entries} devices already`,
    "let in fewer devices: narrow the rules",
  );
}

export function noCgroup(path: string): KernelError {
  return new KernelError(
    "PATH_UNUSABLE",
    `${textOf(path)} is no cgroup`,
    "give the directory of one below /sys/fs/cgroup (cat /proc/PID/cgroup)",
  );
}

export function parentRefuses(cgroup: string, device: string): KernelError {
  return new KernelError(
    "NO_PRIVILEGE",
    `${device} cannot be granted to the cgroup ${textOf(cgroup)}: the one above it may not open it`,
    `write "${device}" to devices.allow of those above it`,
  );
}

export function noDeviceCgroup(pid: number): KernelError {
  return new KernelError(
    "PATH_UNUSABLE",
    `process ${pid} is in no cgroup of its own in which it could be said what may be opened`,
    "start it in a cgroup of its own, or do without device rights (--cgroup off)",
  );
}

/** @param pid of the container */
export function sharesCgroup(cgroup: string, other: number, pid?: number): KernelError {
  const whose = pid === undefined ? "" : ` of pid ${pid}`;
  return new KernelError(
    "TARGET_SHARES_HOST",
    `the cgroup ${textOf(cgroup)}${whose} has process ${other} of the host in it too, which would lose its devices`,
    "start the container in a cgroup of its own, or do without device rights (--cgroup off)",
  );
}

export function tooManyCgroups(cgroup: string): KernelError {
  return new KernelError(
    "PATH_UNUSABLE",
    `in the cgroup ${textOf(cgroup)} there are ${CGROUPS_MAX} others or more: nobody can say whether a program of the host is in one of them`,
    "remove those that are empty, and have it make no more (cgroup.max.descendants in cgroup v2), or do without device rights (--cgroup off)",
  );
}

export function tooDeep(pid: number): KernelError {
  return new KernelError(
    "PATH_UNUSABLE",
    `pid ${pid} is in a cgroup that is nested too deep: its path has more than ${PATH_MAX} bytes`,
    "have it start in one that is less deep (cgroup.max.depth in cgroup v2), or give the cgroup that is to be confined (--cgroup PATH)",
  );
}

export function threaded(cgroup: string): KernelError {
  return new KernelError(
    "PATH_UNUSABLE",
    `the cgroup ${textOf(cgroup)} is threaded: whose threads are in it is said further up`,
    "give the nearest above it whose cgroup.type is not threaded (--cgroup PATH), or do without device rights (--cgroup off)",
  );
}

/** Cgroup v1. @param below those right below it, of which the first is named */
export function cgroupsInTheWay(cgroup: string, below: Iterable<string>): KernelError {
  const [first, second] = below;
  const others = second === undefined ? "" : " and others";
  const what = first === undefined ? "had one below it until now" : `has ${textOf(first)}${others} below it`;
  return new KernelError(
    "PATH_UNUSABLE",
    `everything may be opened in the cgroup ${textOf(cgroup)}, and cgroup v1 does not let that be changed: it ${what}`,
    "attach before the container makes cgroups of its own, or end what is in them and remove them (rmdir); or do without device rights (--cgroup off)",
  );
}
