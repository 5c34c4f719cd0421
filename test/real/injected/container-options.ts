import { execFileSync } from "node:child_process";
import { join } from "node:path";

import type { AttachOptions } from "@uevent-bridge/relay";

import { UID_BASE } from "../container.js";
import type { System } from "../inside/system.js";
import { devpathOf } from "../loops.js";
import type { OwnCgroup } from "../view/own-cgroup.js";

const LOOP_MAJOR = 7;

/** Disks, by what becomes of them. */
export const DISKS = ["stays", "comes", "goes", "hidden", "held"] as const;
export type Disk = (typeof DISKS)[number];
type Numbers = Readonly<Record<Disk, number>>;

export function boxOf({ stays, comes, goes }: Numbers, pid: number, place: string): AttachOptions {
  const socket = { dir: join(place, "box"), uid: UID_BASE, gid: UID_BASE };
  return {
    name: "box",
    pid,
    allow: [`${devpathOf(stays)},attr:ro=0`, devpathOf(comes), devpathOf(goes), "subsystem=net"],
    deliver: { socket, netlink: "both" },
    dev: "auto",
    sysfs: "auto",
    cgroup: "auto",
  };
}

export function otherOf({ held }: Numbers): AttachOptions {
  return { name: "other", allow: [`${devpathOf(held)},exclusive`], deliver: { socket: true } };
}

/** Which of these a program of the container can open, whatever nodes it has. */
export function openable(system: System, cgroup: OwnCgroup, names: readonly string[]): readonly string[] {
  const script = "for each; do dd if=/nodes/$each count=0 2>/dev/null && echo $each; done; true";
  const [file = "", ...args] = cgroup.wrap(system.wordsFor("sh", "-c", script, "sh", ...names));
  return execFileSync(file, args, { encoding: "utf8" }).split("\n").slice(0, -1).toSorted();
}

/** Of a loop device, for all to open. */
export function makeNode(path: string, number: number): void {
  execFileSync("mknod", ["-m", "666", path, "b", `${LOOP_MAJOR}`, `${number}`]);
}
