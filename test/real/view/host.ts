import { closeSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { loadAddon } from "../../../packages/linux/src/addon.js";

const RUNTIME = "/run/uevent-bridge";
/** Nodes that other tests make and remove. */
const OTHERS = /^(loop|zram|pts|shm|mqueue|bsg|disk)/;

const SET = ["cgroup.freeze", "cgroup.type", "cgroup.subtree_control"];
const DEVICES_V1 = "/sys/fs/cgroup/devices/devices.list";
const SYS = ["/sys", "/sys/class", "/sys/dev", "/sys/devices", "/sys/class/mem", "/sys/devices/virtual/mem/null"];

/** What a relay might leave on a host, or change there. Of what others may do meanwhile only what bears a mark or a name of ours. */
export interface Host {
  readonly mounts: readonly string[];
  /** Of its /dev: name, mode, owner and number. */
  readonly dev: readonly string[];
  /** Programs that say what a cgroup may open: those of the container's and of the one above. */
  readonly programs: readonly unknown[];
  /** What else is set there, and what cgroup v1 lets its root open, in which the container is. */
  readonly cgroups: readonly string[];
  /** Of its /sys: mode and owner of the directories at its top, and of the devices that are always there. */
  readonly sys: readonly string[];
  readonly files: readonly string[];
  readonly processes: readonly string[];
  readonly sockets: readonly string[];
}

export interface Traces {
  /** Of the container: what is made for it is called so. */
  readonly name: string;
  /** In the environment of our relays, and so of all that they start. */
  readonly mark: string;
  readonly cgroup: string;
}

export function lookAtHost({ name, mark, cgroup }: Traces): Host {
  return {
    mounts: lines("/proc/self/mountinfo").filter((line) => line.includes(name) || !line.includes("test-")),
    dev: readdirSync("/dev")
      .filter((entry) => !OTHERS.test(entry))
      .map((entry) => `${entry} ${describe(join("/dev", entry))}`),
    programs: [cgroup, dirname(cgroup)].map(programsOf),
    cgroups: [...SET.map((file) => join(cgroup, file)), DEVICES_V1].map((path) => `${path}: ${read(path)}`),
    sys: SYS.flatMap(entriesOf),
    files: [...below(RUNTIME).filter((path) => path.includes(name)), ...locksOf([name, cgroup])],
    processes: readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/environ`).includes(mark)),
    sockets: lines("/proc/net/unix").filter((line) => line.includes(name)),
  };
}

function describe(path: string): string {
  const { mode, uid, gid, rdev } = lstatSync(path);
  return [mode.toString(8), uid, gid, rdev].join(" ");
}

const entriesOf = (directory: string): readonly string[] =>
  readdirSync(directory).map((entry) => `${directory}/${entry} ${describe(join(directory, entry))}`);

function programsOf(cgroup: string): unknown {
  const fd = openSync(cgroup, "r");
  try {
    return loadAddon().queryDevicePrograms(fd);
  } finally {
    closeSync(fd);
  }
}

/** Locks of what has one of these in its path. */
function locksOf(parts: readonly string[]): readonly string[] {
  const locks = below(join(RUNTIME, ".locks")).map((path) => `${path}: ${read(path)}`);
  return locks.filter((lock) => parts.some((part) => lock.includes(part)));
}

/** Without what symlinks lead to: those of a /sys lead around. */
function below(directory: string): readonly string[] {
  try {
    const found = readdirSync(directory, { recursive: true, withFileTypes: true });
    return found.map(({ parentPath, name }) => join(parentPath, name));
  } catch {
    return [];
  }
}

const lines = (path: string): readonly string[] => read(path).split("\n");

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it has gone, or is none that can be read
  }
}
