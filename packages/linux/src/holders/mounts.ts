import { open, readlink } from "node:fs/promises";

import type { DeviceId } from "@uevent-bridge/kernel";

const NAMESPACES_MAX = 64; // mount namespaces of a container's processes
const TABLE_MAX = 1_048_576; // bytes of a list of mounts: a container makes it as long as it likes

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
    const table = await tableOf(pid);
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

interface Line {
  readonly number: string;
  readonly place: string;
}

async function tableOf(pid: number): Promise<{ readonly lines: readonly Line[]; readonly isCut: boolean }> {
  const file = await open(`/proc/${pid}/mountinfo`).catch(() => undefined);
  if (!file) return { lines: [], isCut: false };
  try {
    const bytes = Buffer.alloc(TABLE_MAX);
    let length = 0;
    for (let read = -1; read !== 0 && length < TABLE_MAX; length += read) {
      read = (await file.read(bytes, length, TABLE_MAX - length)).bytesRead;
    }
    const lines = bytes.toString("latin1", 0, length).split("\n").map(parseLine);
    return { lines, isCut: length === TABLE_MAX };
  } catch {
    return { lines: [], isCut: false }; // it has ended
  } finally {
    await file.close();
  }
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime …` */
function parseLine(line: string): Line {
  const [, , number = "", , place = ""] = line.split(" ", 5);
  return { number, place: unescaped(place) };
}

/** `\040` is a blank. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
