import { readFile } from "node:fs/promises";

import type { DeviceId, Holder, Holders } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { mountsOf } from "./mounts.js";
import { ContainerProcesses } from "./processes.js";
import type { First } from "./processes.js";
import { search } from "./search.js";

const DEVICES_MAX = 1024; // that are looked for together
const HOLDERS_MAX = 4096; // that are named

const UNKNOWN: Holders = { holders: [], more: true };

/** Who in the container of a process has some devices in use. */
export async function holdersOf(addon: Addon, first: First, devices: readonly DeviceId[]): Promise<Holders> {
  if (devices.length === 0) return { holders: [], more: false };
  const processes = processesOf(addon, first);
  if (!processes) return UNKNOWN;
  const sought = devices.slice(0, DEVICES_MAX);
  const { pids, more } = await processes.list();
  const { found, more: isCut } = await search(addon, pids, sought);
  const { mounts, more: isLong } = await mountsOf(pids, sought);
  const all = [...found, ...mounts.map((mount) => ({ ...mount, how: "mounted" as const }))];
  const holders = await named(processes, all.slice(0, HOLDERS_MAX));
  return {
    holders,
    more: [more, isCut, isLong, sought.length < devices.length, all.length > HOLDERS_MAX].some(Boolean),
  };
}

/** Undefined if the process has ended. */
export function processesOf(addon: Addon, first: First): ContainerProcesses | undefined {
  try {
    return new ContainerProcesses(addon, first);
  } catch {
    return undefined;
  }
}

async function named(
  processes: ContainerProcesses,
  found: readonly Omit<Holder, "comm">[],
): Promise<readonly Holder[]> {
  const holders: Holder[] = [];
  for (const each of found) {
    const comm = await commOf(each.pid);
    if (comm !== undefined && processes.has(each.pid)) holders.push({ ...each, comm });
  }
  return holders;
}

/** Undefined if it has ended. */
export async function commOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/comm`, "latin1").catch(() => undefined);
  return text?.replace(/\n$/, ""); // what is before it may have some too
}
