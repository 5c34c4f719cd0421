import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Access, DeviceNumber } from "@uevent-bridge/kernel";

import { bytesOf, textOf } from "../bytes-path.js";
import { readText } from "../read-text.js";
import { EVERYTHING, lineOf } from "./number.js";

/** Where everything may be opened, the kernel's `devices.list` says this and nothing else. */
export const ALL = "a *:*";

/** What a list says, by number as it is written there: `c 1:3` to `rwm`. */
export type Entries = ReadonlyMap<string, string>;

/** True if the programs of the cgroup may open everything, as far as v1 says. */
export function listsAll(cgroup: string): boolean {
  return allIfAll(readList(cgroup)).has(ALL);
}

/** The cgroup, if its list keeps its programs from opening a device. One that is gone has none. */
export function refuserByList(cgroup: string | undefined, number: DeviceNumber, access: Access): string | undefined {
  if (cgroup === undefined || !existsSync(bytesOf(cgroup))) return undefined;
  return opens(readList(cgroup), number, access) ? undefined : `the cgroup ${textOf(cgroup)} (devices.list)`;
}

/** True if a line of it lets a device through. */
export function opens(list: Entries, number: DeviceNumber, access: Access): boolean {
  return [...list].some(([line, letters]) => lineCovers(line, number) && !without(access, letters));
}

function readList(cgroup: string): Entries {
  return parse(readText(bytesOf(join(cgroup, "devices.list"))).split("\n"));
}

/** One that lets all be opened in two lines says what `a` does, which the kernel does not take while there are cgroups below. */
export function allIfAll(list: Entries): Entries {
  const isAll = EVERYTHING.every((number) => without("rwm", list.get(lineOf(number)) ?? "") === "");
  return isAll ? new Map([[ALL, "rwm"]]) : list;
}

export function parse(lines: readonly string[]): Entries {
  return new Map(lines.filter((line) => line !== "").map((line) => splitLast(line)));
}

/** Whether what a list says of `c 1:*` is said of this one. `a *:*` is all. */
function lineCovers(line: string, number: DeviceNumber): boolean {
  const [type, numbers = ""] = line.split(" ");
  const [major, minor] = numbers.split(":");
  const fits = (part: string | undefined, sought: number | "any") => part === "*" || part === `${sought}`;
  return (type === "a" || type === lineOf(number)[0]) && fits(major, number.major) && fits(minor, number.minor);
}

/** `c 1:3 rwm` */
function splitLast(line: string): [number: string, access: string] {
  const at = line.lastIndexOf(" ");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** The letters of one that are not in the other. */
export function without(access: string, other: string): string {
  return Array.from(access)
    .filter((letter) => !other.includes(letter))
    .join("");
}
