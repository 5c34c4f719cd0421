import type { DeviceEntry, DeviceNumber } from "@uevent-bridge/kernel";

import type { Shown } from "./types.js";

const MODE = 0o666;

/** Nodes that every program may expect, whatever devices its container sees. */
const NODES: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
  /** Runtimes mount the container's terminal on it, and open it before: without one it is as `null`. */
  console: [1, 3],
};

const LINKS: Readonly<Record<string, string>> = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
  ptmx: "pts/ptmx",
};

/** Where runtimes mount file systems of their own, by mode: that of what they mount may be that of what is below it. */
const PLACES: Readonly<Record<string, number>> = {
  pts: 0o755,
  shm: 0o1777,
  mqueue: 0o755,
};

/** What is in a container's `/dev` beside its devices, by name. @param root whose the nodes are, as ids of the host */
export function baseEntries(root: { readonly uid: number; readonly gid: number }): ReadonlyMap<string, DeviceEntry> {
  const nodes = Object.entries(NODES).map(([name, [major, minor]]) => {
    return [name, { kind: "node", type: "char", major, minor, mode: MODE, ...root }] as const;
  });
  const links = Object.entries(LINKS).map(([name, target]) => [name, { kind: "link", target }] as const);
  const places = Object.entries(PLACES).map(([name, mode]) => [name, { kind: "directory", mode }] as const);
  return new Map<string, DeviceEntry>([...nodes, ...links, ...places]);
}

/** What others may have put into a `/dev`: a link to `/proc/kcore`, the socket of a logger. */
const OTHERS = ["core", "log"];

const ENTRIES: ReadonlySet<string> = new Set([NODES, LINKS, PLACES].flatMap(Object.keys));
const NAMES: ReadonlySet<string> = new Set([...ENTRIES, ...OTHERS]);

/** True if a `/dev` has this name, or what it is below, whatever devices are there. */
export function isBaseName(name: string): boolean {
  return NAMES.has(name.split("/")[0] ?? "");
}

/** Of several that want a name: links, by udev's priority; nodes; what each `/dev` has; and that very device, as rules want it. */
export const RANK = { node: 2 ** 32, base: 2 ** 33, device: 2 ** 34 };

/** Of a device's node; undefined: something else has that name in each `/dev`. */
export function rankOf({ name, number: { type, major, minor } }: Shown): number | undefined {
  if (!ENTRIES.has(name)) return RANK.node;
  const [ofBase, below] = NODES[name] ?? [];
  return type === "char" && major === ofBase && minor === below ? RANK.device : undefined;
}

/** What may be opened beside the container's devices: those nodes, and terminals of its own. */
export const BASE_NUMBERS: readonly DeviceNumber[] = [
  ...Object.values(NODES).map(([major, minor]) => ({ type: "char", major, minor }) as const),
  { type: "char", major: 5, minor: 2 }, // ptmx
  { type: "char", major: 136, minor: "any" }, // pts
];
