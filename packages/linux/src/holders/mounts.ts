import { readlink } from "node:fs/promises";

import type { DeviceId } from "@uevent-bridge/kernel";

import { mountTable } from "../mountinfo.js";

const NAMESPACES_MAX = 64; // mount namespaces of a container's processes

/** A file system of a device, where a process sees it. */
export interface MountOf {
  readonly pid: number;
  readonly device: DeviceId;
  /** latin1 */
  readonly place: string;
}

/** Where processes see file systems of block devices: each of their mount namespaces but the host's is looked at once. */
export async function mountsOf(
  pids: readonly number[],
  devices: readonly DeviceId[],
): Promise<{ readonly mounts: readonly MountOf[]; readonly more: boolean }> {
  const numbers = new Map(devices.filter(isBlock).map((device) => [`${device.major}:${device.minor}`, device]));
  if (numbers.size === 0) return { mounts: [], more: false };
  const { viewers, more } = await viewersOf(pids);
  const mounts: MountOf[] = [];
  let isCut = more;
  for (const pid of viewers) {
    const table = await mountTable(pid);
    isCut ||= table.isCut;
    for (const { number, place } of table.lines) {
      const device = numbers.get(number);
      if (device) mounts.push({ pid, device, place });
    }
  }
  return { mounts, more: isCut };
}

function isBlock({ type }: DeviceId): boolean {
  return type === "block";
}

/** One process for each mount namespace. */
async function viewersOf(pids: readonly number[]): Promise<{ viewers: Iterable<number>; more: boolean }> {
  const seen = new Map<string, number>();
  const host = await namespaceOf("self");
  for (const pid of pids) {
    const namespace = await namespaceOf(pid);
    if (namespace === "" || namespace === host || seen.has(namespace)) continue;
    if (seen.size === NAMESPACES_MAX) return { viewers: seen.values(), more: true };
    seen.set(namespace, pid);
  }
  return { viewers: seen.values(), more: false };
}

function namespaceOf(pid: number | "self"): Promise<string> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => "");
}
