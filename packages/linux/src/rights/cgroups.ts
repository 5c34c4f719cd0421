import { existsSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { bytesOf } from "../bytes-path.js";
import { unescaped } from "../mountinfo.js";
import { readText } from "../read-text.js";

/** Where a process is in the hierarchies that say what may be opened: directories of the host, as latin1. */
export interface DeviceCgroups {
  /** cgroup v2. */
  readonly unified: string | undefined;
  /** The controller `devices` of cgroup v1. */
  readonly devices: string | undefined;
}

/** All that are asked of a container. */
export interface ProcessCgroups extends DeviceCgroups {
  /** The controller `freezer` of cgroup v1. */
  readonly freezer: string | undefined;
}

/** Undefined where a hierarchy is not mounted, or the process is above what of it we can see. */
export function cgroupsOf(pid: number, mounts = hierarchies()): ProcessCgroups {
  const paths = pathsIn(readText(`/proc/${pid}/cgroup`));
  const placeOf = (kind: Kind): string | undefined => {
    const [mount, path] = [mounts[kind], paths[kind]];
    return mount === undefined || path === undefined || path.startsWith("/..") ? undefined : join(mount, path);
  };
  return { unified: placeOf("unified"), devices: placeOf("devices"), freezer: placeOf("freezer") };
}

/** From the tops of the hierarchies. @param list like /proc/PID/cgroup */
export function pathsIn(list: string): ProcessCgroups {
  const lines = list.split("\n").flatMap((line) => parseCgroup(line) ?? []);
  const pathIn = (isOf: (controllers: readonly string[]) => boolean) =>
    lines.find(({ controllers }) => isOf(controllers))?.path;
  return {
    unified: pathIn((controllers) => controllers.length === 0),
    devices: pathIn((controllers) => controllers.includes("devices")),
    freezer: pathIn((controllers) => controllers.includes("freezer")),
  };
}

/** True if threads of a process are parted there, which as a whole is in one above (cgroup v2). */
export function isThreaded(cgroup: string): boolean {
  const type = bytesOf(join(cgroup, "cgroup.type"));
  return existsSync(type) && readText(type).startsWith("threaded");
}

/** A line of /proc/PID/cgroup: `5:devices:/path`, `0::/path`. The path may have any byte, but for a newline. */
export function parseCgroup(
  line: string,
): { readonly controllers: readonly string[]; readonly path: string } | undefined {
  const [, controllers, path] = /^\d+:([^:]*):(.*)$/s.exec(line) ?? [];
  if (controllers === undefined || path === undefined) return undefined;
  return { controllers: controllers === "" ? [] : controllers.split(","), path };
}

/** Where they are mounted as a whole. */
export function hierarchies(): ProcessCgroups {
  const mounts = cgroupMounts(readText("/proc/self/mountinfo")).filter(({ root }) => root === "/");
  const placeOf = (kind: Kind) => mounts.find((mount) => mount.kind === kind)?.place;
  return { unified: placeOf("unified"), devices: placeOf("devices"), freezer: placeOf("freezer") };
}

type Kind = keyof ProcessCgroups;

/** A cgroup that is mounted. */
export interface CgroupMount {
  readonly kind: Kind;
  /** From the top of its hierarchy. */
  readonly root: string;
  readonly place: string;
  readonly isWritable: boolean;
}

/** One for each of the hierarchies that a mount is of. @param table like /proc/PID/mountinfo */
export function cgroupMounts(table: string): readonly CgroupMount[] {
  return table.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", place = "", options = ""] = before.split(" ");
    const [type = "", , controllers = ""] = after.split(" ");
    const isWritable = options.split(",").includes("rw");
    const mount = { root: unescaped(root), place: unescaped(place), isWritable };
    return kindsOf(type, controllers.split(",")).map((kind) => ({ ...mount, kind }));
  });
}

function kindsOf(type: string, options: readonly string[]): readonly Kind[] {
  if (type === "cgroup2") return ["unified"];
  return type === "cgroup" ? (["devices", "freezer"] as const).filter((kind) => options.includes(kind)) : [];
}

/** Undefined if it has ended or is not ours to see. */
export function mountNamespaceOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}
