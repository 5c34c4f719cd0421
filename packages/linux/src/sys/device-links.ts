import { readlinkSync } from "node:fs";
import { basename } from "node:path";

import { codeOf, isShortage } from "../errno.js";
import { readText } from "../read-text.js";

/** A link of a sysfs, and where it leads. Paths are relative to the sysfs. */
export interface DeviceLink {
  readonly path: string;
  readonly target: string;
}

/** A place in a sysfs of the kernel's, by a directory that is held open and a path below it, in latin1: a devpath may have any bytes. */
export function placeIn(directory: number, path: string): Buffer {
  return Buffer.from(`/proc/self/fd/${directory}/${path}`, "latin1");
}

/** The name of the class or bus of a device that is held open; undefined if it has gone. */
export function subsystemOf(device: number): string | undefined {
  const target = linkIn(device, "subsystem");
  return target === undefined ? undefined : basename(target);
}

/** The links that lead to a device. They are the sysfs's own: it would have others, had the device another number by now. */
export function linksTo(sysfs: number, path: string, device: number): readonly DeviceLink[] {
  const subsystem = subsystemOf(device) ?? "";
  const name = basename(path);
  const isBlock = subsystem === "block";
  const number = numberOf(device);
  const places = [
    `class/${subsystem}/${name}`,
    `bus/${subsystem}/devices/${name}`,
    ...(isBlock ? [`block/${name}`] : []),
    ...(number === undefined ? [] : [`dev/${isBlock ? "block" : "char"}/${number}`]),
  ];
  return places.flatMap((place) => {
    const target = linkIn(sysfs, place);
    return target?.endsWith(`/${path}`) ? [{ path: place, target }] : [];
  });
}

/** Where a link leads; undefined if there is none. @throws ErrnoException */
function linkIn(directory: number, path: string): string | undefined {
  return unlessGone(() => readlinkSync(placeIn(directory, path), "latin1"));
}

/** `7:0`; undefined if it has no node. @throws ErrnoException */
function numberOf(device: number): string | undefined {
  return /^\d+:\d+$/m.exec(unlessGone(() => readText(placeIn(device, "dev"))) ?? "")?.[0];
}

/** That the system refuses to look is none of what is there. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isShortage(error) || codeOf(error) === "EPERM") throw error;
    return undefined;
  }
}
