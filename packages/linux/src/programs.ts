import { closeSync } from "node:fs";
import { readFile, readdir, readlink } from "node:fs/promises";

import type { Program, ProgramSocket } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { parseSockets } from "./netlink-table.js";
import type { UeventSocket } from "./netlink-table.js";

const DESCRIPTORS_MAX = 65_536; // of all processes there: a container that has more is told of in part

/** In the list of what is mapped: libudev.so.1, or what udevadm has of it. */
const LIBUDEV = /\/lib(?:udev|systemd)[^/\n]*\.so/;

/** The programs in a network namespace that have uevent sockets, this one left out. Processes come and go while it looks. */
export async function programsIn(addon: Addon, netns: bigint): Promise<readonly Program[]> {
  const pids = await processesIn(netns);
  const sockets = await socketsOf(pids);
  if (sockets.size === 0) return [];
  const budget = { descriptors: DESCRIPTORS_MAX };
  const programs: Program[] = [];
  for (const pid of pids) {
    const found = await inspect(addon, pid, sockets, budget);
    if (found.length === 0) continue;
    const usesLibudev = LIBUDEV.test(await text(`/proc/${pid}/maps`));
    programs.push({ pid, name: await nameOf(pid), usesLibudev, sockets: found });
  }
  return programs;
}

async function processesIn(netns: bigint): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const isIn = async (pid: number) => (await link(`/proc/${pid}/ns/net`)) === `net:[${netns}]`;
  const there: number[] = [];
  for (const pid of pids) if (pid !== process.pid && (await isIn(pid))) there.push(pid);
  return there;
}

/** By inode. Any process of the namespace shows the list of all. */
async function socketsOf(pids: readonly number[]): Promise<ReadonlyMap<number, UeventSocket>> {
  for (const pid of pids) {
    const table = await text(`/proc/${pid}/net/netlink`);
    if (table !== "") return new Map(parseSockets(table).map((socket) => [socket.inode, socket]));
  }
  return new Map();
}

async function inspect(
  addon: Addon,
  pid: number,
  sockets: ReadonlyMap<number, UeventSocket>,
  budget: { descriptors: number },
): Promise<readonly ProgramSocket[]> {
  const found = new Map<number, ProgramSocket>(); // one that has two descriptors is one
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    if (budget.descriptors-- <= 0) break;
    const inode = Number(/^socket:\[(\d+)\]$/.exec(await link(`/proc/${pid}/fd/${fd}`))?.[1]);
    const socket = sockets.get(inode);
    if (socket && !found.has(inode)) found.set(inode, { ...socket, ...peek(addon, pid, Number(fd)) });
  }
  return [...found.values()];
}

function peek(addon: Addon, pid: number, fd: number): Pick<ProgramSocket, "receiveBuffer" | "isFiltered"> {
  const pidfd = addon.openProcess(pid);
  if (pidfd < 0) return { receiveBuffer: undefined, isFiltered: undefined };
  try {
    const peeked = addon.peekSocket(pidfd, fd);
    if (typeof peeked === "number") return { receiveBuffer: undefined, isFiltered: undefined };
    return { receiveBuffer: peeked[0], isFiltered: peeked[1] > 0 };
  } finally {
    closeSync(pidfd);
  }
}

async function nameOf(pid: number): Promise<string> {
  return (await text(`/proc/${pid}/comm`)).trimEnd();
}

/** Empty if the process has ended, or is not ours to see. */
function text(path: string): Promise<string> {
  return readFile(path, "latin1").catch(() => "");
}

function link(path: string): Promise<string> {
  return readlink(path).catch(() => "");
}
