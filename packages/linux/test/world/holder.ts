// Does steps to a source or a directory, or leaves something, and ends with 0 if nothing holds the process, with 42 if something does.
import { openLinux } from "@uevent-bridge/linux";

import type { Access, DeviceDirectory, DeviceEntry, DeviceNumber } from "@uevent-bridge/kernel";

interface Task {
  readonly steps?: readonly ("open" | "resume" | "pause" | "ref" | "unref" | "close")[];
  readonly directory?: { readonly path: string; readonly uid: number; readonly gid: number };
  /** Until it is killed. */
  readonly stay?: boolean;
  /** What it leaves when it is killed. */
  readonly left?: {
    readonly locks: string;
    /** `pid`: in that container's own `/dev`. */
    readonly dev?: {
      readonly path: string;
      readonly entries: Readonly<Record<string, DeviceEntry>>;
      readonly pid?: number;
    };
    readonly udev?: { readonly path: string };
    readonly sys?: { readonly path: string; readonly devices: readonly string[] };
    readonly rights?: { readonly path: string; readonly granted: readonly (readonly [DeviceNumber, Access])[] };
  };
}

const ENTRY = { properties: new Map([["A", "b"]]), links: [], tags: ["tag"], initialized: 1n };
const TURNS = 10; // what is closed is gone after two
const TURN_MS = 3;
const { steps = [], directory, stay, left } = JSON.parse(process.argv[2] ?? "") as Task;
const kernel = openLinux(left && { lockDirectory: left.locks });

if (left) {
  const opened = left.dev && openDev(left.dev);
  for (const [name, entry] of Object.entries(left.dev?.entries ?? {})) opened?.put(name, entry);
  const sys = left.sys && kernel.openSysDirectory(left.sys.path, { uid: 0, gid: 0 });
  for (const devpath of left.sys?.devices ?? []) sys?.show(devpath);
  if (left.udev) kernel.openUdevDirectory(left.udev.path).put("c1:5", ENTRY);
  const rights = left.rights && kernel.openDeviceRights(left.rights.path);
  for (const [number, access] of left.rights?.granted ?? []) rights?.grant(number, access);
  rights?.forgetOthers();
  process.kill(process.pid, "SIGKILL");
} else if (directory) {
  const opened = kernel.openDirectory(directory.path, directory);
  for (const step of steps) if (step !== "open" && step !== "resume" && step !== "pause") opened[step]();
} else {
  const source = kernel.openSource({ group: "kernel", onBatch: () => {} });
  for (const step of steps) if (step !== "open") source[step]();
}
if (stay) console.log("done");
else turn(TURNS);

function openDev({ path, pid }: { readonly path: string; readonly pid?: number }): DeviceDirectory {
  const owner = { uid: 0, gid: 0 };
  const opened =
    pid === undefined
      ? kernel.openDeviceDirectory(path, owner)
      : kernel.openTarget({ pid }).openDeviceDirectory(path, owner);
  if (typeof opened === "string") throw new Error(opened);
  return opened;
}

/** It comes to the last turn of the event loop only if something else keeps that going, however slow the machine is. */
function turn(left: number): void {
  if (left === 0) process.exit(42);
  setTimeout(turn, TURN_MS, left - 1).unref();
}
