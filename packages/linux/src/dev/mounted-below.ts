import { constants } from "node:fs";

import { deviceNameParts } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { glimpsesIn } from "../glimpse.js";
import { mountTable } from "../mountinfo.js";

const DEV = "/dev/";
const NAMES_MAX = 32; // what is looked at in one go
const { S_IFMT, S_IFDIR } = constants;

/** Something that a container's engine, or its root, has mounted in its `/dev`. */
export interface MountedBelow {
  readonly name: string;
  readonly isDirectory: boolean;
}

/**
 * What is mounted below the `/dev` of a process at names that a directory of ours has not, but for what is mounted below that.
 * @param isFree whether it has not such a name
 */
export async function mountedBelow(
  addon: Addon,
  pid: number,
  isFree: (name: string) => boolean,
): Promise<readonly MountedBelow[]> {
  const { lines } = await mountTable(pid);
  const places = lines.map(({ place }) => place).filter((place) => place.startsWith(DEV));
  const all = places.map((place) => place.slice(DEV.length)).filter((name) => deviceNameParts(name) !== undefined);
  const names = outermost(all).filter(isFree).slice(0, NAMES_MAX);
  const found = names.length > 0 ? await glimpsesIn(addon, pid, names.map(inDev)) : [];
  return names.flatMap((name, i) => {
    const glimpse = found?.[i];
    if (!glimpse || !isFree(name)) return []; // a device may have come meanwhile
    return [{ name, isDirectory: (glimpse.mode & S_IFMT) === S_IFDIR }];
  });
}

const inDev = (name: string): string => DEV + name;

function outermost(names: readonly string[]): readonly string[] {
  const all = new Set(names);
  return [...all].filter((name) => !prefixes(name).some((above) => all.has(above)));
}

/** The names of the directories that it is in. */
export function prefixes(name: string): readonly string[] {
  const parts = name.split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}
