import { closeSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout } from "node:timers/promises";

import type { DeviceId, Holder } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { commOf, processesOf } from "./holders.js";
import type { ContainerProcesses, First } from "./processes.js";
import { search } from "./search.js";
import type { Found } from "./search.js";

const AT_ONCE = 256; // processes, a descriptor of each
const ROUNDS = 8; // looks: others may have got it meanwhile
const ENDED_MS = 2000; // a driver can keep a process from ending
const POLL_MS = 5;

/** Ends those in the container of a process that have one of these devices open or mapped. Resolves to those that have ended. */
export async function endHolders(addon: Addon, first: First, devices: readonly DeviceId[]): Promise<readonly Holder[]> {
  const processes = processesOf(addon, first);
  const ended: Holder[] = [];
  const tried = new Set<number>();
  for (let round = 0; processes && round < ROUNDS; round++) {
    const { pids } = await processes.list();
    const { found } = await search(
      addon,
      pids.filter((each) => !tried.has(each)),
      devices,
    );
    const next = [...new Set(found.map((each) => each.pid))].slice(0, AT_ONCE);
    if (next.length === 0) break;
    for (const each of next) tried.add(each);
    ended.push(...(await endAll({ addon, processes }, next, devices)));
  }
  return ended;
}

interface Tools {
  readonly addon: Addon;
  readonly processes: ContainerProcesses;
}

/** A process that is held open: whoever has its number later is another one. */
interface Held {
  readonly pid: number;
  readonly pidfd: number;
}

/** Each is held first, and looked at then: what was seen is of that very process if it has not ended afterwards. */
async function endAll(tools: Tools, pids: readonly number[], devices: readonly DeviceId[]): Promise<readonly Holder[]> {
  const held = pids.map((pid) => ({ pid, pidfd: tools.addon.openProcess(pid) })).filter(({ pidfd }) => pidfd >= 0);
  try {
    const inside = held.filter(({ pid }) => tools.processes.has(pid));
    const { found } = await search(
      tools.addon,
      inside.map(({ pid }) => pid),
      devices,
    );
    const names = new Map(await Promise.all(inside.map(async ({ pid }) => [pid, await commOf(pid)] as const)));
    const holding = inside.filter(({ pid }) => found.some((each) => each.pid === pid));
    const signalled = holding.filter(({ pidfd }) => !hasEnded(tools.addon, pidfd) && kill(tools.addon, pidfd));
    await allEnded(tools.addon, signalled);
    const ended = signalled.filter(({ pidfd }) => hasEnded(tools.addon, pidfd));
    return ended.flatMap(({ pid }) => found.filter((each) => each.pid === pid).map((each) => holderOf(each, names)));
  } finally {
    for (const { pidfd } of held) closeSync(pidfd);
  }
}

function holderOf({ pid, device, how }: Found, names: ReadonlyMap<number, string | undefined>): Holder {
  return { pid, comm: names.get(pid) ?? "", device, how };
}

function hasEnded(addon: Addon, pidfd: number): boolean {
  return addon.processHasEnded(pidfd) !== 0;
}

function kill(addon: Addon, pidfd: number): boolean {
  return addon.signalProcess(pidfd, constants.signals.SIGKILL) === 0;
}

async function allEnded(addon: Addon, held: readonly Held[]): Promise<void> {
  for (const until = performance.now() + ENDED_MS; performance.now() < until; await setTimeout(POLL_MS)) {
    if (held.every(({ pidfd }) => hasEnded(addon, pidfd))) return;
  }
}
