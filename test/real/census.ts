import { readdirSync, readFileSync, readlinkSync } from "node:fs";

import { childrenOf } from "./processes.js";

/** What this process holds of the system, and who reads the netlink of containers. */
export interface Census {
  /** What its descriptors are of: `socket`, `/proc/…`. */
  readonly descriptors: readonly string[];
  readonly children: readonly number[];
  readonly mounts: readonly string[];
  /** Sockets in the containers' network namespaces. */
  readonly sockets: readonly string[];
}

/** @param containers pids of processes in them */
export function census(containers: readonly number[]): Census {
  return {
    descriptors: descriptors().toSorted(),
    children: childrenOf(process.pid),
    mounts: lines("/proc/self/mountinfo"),
    sockets: containers.flatMap((pid) => [...lines(`/proc/${pid}/net/netlink`), ...lines(`/proc/${pid}/net/unix`)]),
  };
}

function descriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the one by which they were listed
    }
  });
}

function lines(path: string): string[] {
  return readFileSync(path, "latin1").split("\n");
}
