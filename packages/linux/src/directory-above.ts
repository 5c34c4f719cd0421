import { closeSync, constants, fstatSync, mkdirSync, openSync, readlinkSync, statfsSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";

import { codeOf } from "./errno.js";
import { O_PATH } from "./flags.js";
import { isOnOwnMount } from "./mounts.js";
import { orUndo } from "./undo.js";

const PARENT_MODE = 0o755;
const LINKS_MAX = 40; // as in the kernel
const PROC_MAGIC = 0x9fa0;
const STICKY = 0o1000;
const PLACE = O_PATH | constants.O_NOFOLLOW;

/** A symlink on the way that somebody else could have put there. */
export class StrangersLink extends Error {
  override readonly name = "StrangersLink";
}

/** A place of another mount namespace: its owner mounts there what he likes, also what never answers. */
export class ForeignPlace extends Error {
  override readonly name = "ForeignPlace";
}

/**
 * Opens the directory above a path, as a place, and makes what is missing on the way. No symlink of a stranger is followed:
 * whoever owns a part of the way, such as a container its root file system, could lead us anywhere on the host.
 * @throws StrangersLink, ForeignPlace, Error with the system's code
 */
export function openAbove(path: string): number {
  return openWay(path, openOrMake);
}

/** The same where nothing is made. @throws StrangersLink, ForeignPlace, Error with the system's code: ENOENT if something is missing */
export function findAbove(path: string): number {
  return openWay(path, openPlace);
}

function openWay(path: string, step: (at: number, name: string) => number): number {
  const names = namesOf(dirname(path));
  let at = openSync("/", PLACE);
  try {
    for (let links = 0, name = names.shift(); name !== undefined; name = names.shift()) {
      const next = step(at, name);
      const found = orUndo(
        () => fstatSync(next),
        () => closeSync(next),
      );
      if (!found.isSymbolicLink()) at = replace(at, next);
      else {
        closeSync(next);
        if (++links > LINKS_MAX) throw Object.assign(new Error("too many symlinks"), { code: "ELOOP" });
        at = follow(at, name, found, names);
      }
    }
    return at;
  } catch (error) {
    closeSync(at);
    throw error;
  }
}

/** The same directory's entry: nobody can lead it elsewhere. */
export function inside(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function replace(before: number, after: number): number {
  closeSync(before);
  return after;
}

function openPlace(at: number, name: string): number {
  return openSync(inside(at, name), PLACE);
}

function openOrMake(at: number, name: string): number {
  try {
    return openPlace(at, name);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  try {
    mkdirSync(inside(at, name), PARENT_MODE);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error; // somebody was quicker
  }
  return openPlace(at, name);
}

/** Where a symlink leads, or where the way to it begins: then its names are put before the others. */
function follow(at: number, name: string, link: Stats, names: string[]): number {
  if (statfsSync(inside(at, ".")).type === PROC_MAGIC) return replace(at, openOwn(inside(at, name))); // /proc/PID/root
  if (!isOurs(link) || !isOurs(fstatSync(at))) throw new StrangersLink(name);
  const target = readlinkSync(inside(at, name));
  names.unshift(...namesOf(target));
  return target.startsWith("/") ? replace(at, openSync("/", PLACE)) : at;
}

function openOwn(path: string): number {
  const fd = openSync(path, O_PATH);
  const isOwn = orUndo(
    () => isOnOwnMount(fd),
    () => closeSync(fd),
  );
  if (isOwn) return fd;
  closeSync(fd);
  throw new ForeignPlace(path);
}

/** True if nobody but root and us could have put it there, or could exchange what is in it. */
function isOurs({ uid, mode }: Stats): boolean {
  const isSymlink = (mode & constants.S_IFMT) === constants.S_IFLNK; // whose mode says nothing
  return (uid === 0 || uid === process.geteuid?.()) && (isSymlink || (mode & 0o022) === 0 || (mode & STICKY) !== 0);
}
