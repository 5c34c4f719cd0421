import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { cpus, release } from "node:os";

/** What the figures depend on. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
  readonly node: string;
  readonly date: string;
  /** Processes that want a processor besides the bench, on average over the last 5 minutes. */
  readonly load: number;
  /** Sockets that listen to uevents in any network namespace: each makes every injection slower. */
  readonly ueventSockets: number;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model ?? "unknown",
    processors: all.length,
    kernel: release(),
    node: process.version,
    date: new Date().toISOString().slice(0, "2026-01-01".length),
    load: Number(read("/proc/loadavg").split(" ")[1]),
    ueventSockets: countUeventSockets(),
  };
}

const UEVENT = "15"; // NETLINK_KOBJECT_UEVENT, the second column of /proc/net/netlink; the fourth one is the groups

function countUeventSockets(): number {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const oneOfEach = new Map(processes.map((pid) => [netnsOf(pid), pid]));
  oneOfEach.delete(undefined);
  const lines = [...oneOfEach.values()].flatMap((pid) => read(`/proc/${pid}/net/netlink`).split("\n"));
  return lines.map((line) => line.split(/\s+/)).filter(([, type, , groups]) => type === UEVENT && groups !== "00000000")
    .length;
}

function netnsOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined; // it ended, or is another user's
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
