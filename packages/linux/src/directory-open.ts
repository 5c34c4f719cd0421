import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  openSync,
  rmdirSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { basename, resolve } from "node:path";

import type { DirectoryOptions } from "@uevent-bridge/kernel";
import { KernelError, remedyFor } from "@uevent-bridge/kernel";

import { ForeignPlace, StrangersLink, inside, openAbove } from "./directory-above.js";
import { codeOf, errnoOf, onceMore } from "./errno.js";
import { O_PATH } from "./flags.js";
import type { MountTables } from "./mount-tables.js";
import { strangersWith } from "./strangers.js";
import { orUndo } from "./undo.js";

const MODE = 0o700;
/** Of one that we have made and of which nothing is noted yet: if we are killed, the next relay knows it by that. */
export const UNSETTLED = 0o1700;
const PLACE = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A directory, held open: its path may lead elsewhere later. */
export interface OpenedDirectory {
  readonly path: string;
  readonly fd: number;
  /** True if it was not there before. */
  readonly made: boolean;
}

/**
 * Opens a directory in which nobody but its owner can put sockets; makes it, and what is above it, if need be.
 * @throws KernelError PATH_UNUSABLE
 */
export function openOwnDirectory(given: string, owner: DirectoryOptions): OpenedDirectory {
  const opened = openUnsettled(given, owner);
  settle(opened);
  return opened;
}

/** The same, to be settled when it is noted that it was made. @throws KernelError PATH_UNUSABLE */
export function openUnsettled(given: string, owner: DirectoryOptions): OpenedDirectory {
  const path = resolve(given); // a slash at the end would follow a symlink
  const found = attempt(path, () => openOrMake(path));
  const { fd } = found;
  const made = orUndo(
    () => attempt(path, () => found.made || isUnsettled(fd, owner)),
    () => leaveDirectory(found),
  );
  const opened = { ...found, made };
  orUndo(
    () => attempt(path, () => (made ? handOver(path, fd, owner) : check(path, fstatSync(fd), owner))),
    () => leaveDirectory(opened),
  );
  return opened;
}

export function settle({ fd, made }: OpenedDirectory): void {
  if (made) fchmodSync(fd, MODE);
}

/**
 * Closes a directory, and removes it if we made it, it is empty, and no container has it: the next relay is to be heard there. Returns
 * whether it stays. @param remove how
 */
export function leaveDirectory(opened: OpenedDirectory, mounts?: MountTables, remove = removeDirectory): boolean {
  const { fd, made } = opened;
  try {
    return !(made && isInPlace(opened) && !mounts?.isBound(fd) && isRemoved(opened, remove));
  } finally {
    closeSync(fd);
  }
}

function removeDirectory(opened: OpenedDirectory): void {
  rmdirSync(placeOf(opened));
}

/** The way to it may lead elsewhere by now. */
function placeOf({ path, fd }: OpenedDirectory): string {
  return inside(fd, `../${basename(path)}`);
}

/** False if it has been removed, or another one is in its place. */
export function isInPlace(opened: OpenedDirectory): boolean {
  const ours = fstatSync(opened.fd, { bigint: true });
  try {
    const there = onceMore(() => lstatSync(placeOf(opened), { bigint: true }));
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch (error) {
    errnoOf(error);
    return false; // it is gone, or its owner has shut it
  }
}

function isRemoved(opened: OpenedDirectory, remove: (opened: OpenedDirectory) => void): boolean {
  try {
    onceMore(() => remove(opened));
    return true;
  } catch {
    return false; // somebody is in it
  }
}

function openOrMake(path: string): OpenedDirectory {
  const above = openAbove(path);
  try {
    const name = basename(path);
    const made = make(above, name);
    return { path, made, fd: openEvenShut(inside(above, name)) };
  } finally {
    closeSync(above);
  }
}

/** A container whose root is our own user may have shut it, and it is ours all the same. */
function openEvenShut(path: string): number {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    if (codeOf(error) !== "EACCES") throw error;
  }
  const place = openSync(path, PLACE);
  try {
    chmodSync(`/proc/self/fd/${place}`, MODE);
    return openSync(inside(place, "."), FLAGS);
  } finally {
    closeSync(place);
  }
}

/** True if it made the directory, false if something was there. */
function make(above: number, name: string): boolean {
  if (existsSync(inside(above, name))) return false;
  try {
    mkdirSync(inside(above, name), UNSETTLED);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** True if a relay that was killed has made it, and nothing came of it. */
function isUnsettled(fd: number, { uid }: DirectoryOptions): boolean {
  const found = fstatSync(fd);
  const isOurs = found.uid === process.geteuid?.() || found.uid === uid;
  return isOurs && (found.mode & 0o7777) === UNSETTLED && isEmpty(fd);
}

const isEmpty = (fd: number): boolean => readdirSync(inside(fd, ".")).length === 0;

function handOver(path: string, fd: number, { uid, gid }: DirectoryOptions): void {
  const made = fstatSync(fd);
  if (![process.geteuid?.(), uid].includes(made.uid) || !isEmpty(fd))
    throw unusable(path, "somebody put another directory in its place", "choose a path that nobody else may write to");
  fchmodSync(fd, UNSETTLED); // whatever the umask was
  if (made.uid === uid && made.gid === gid) return;
  try {
    fchownSync(fd, uid, gid);
  } catch (cause) {
    throw unusable(
      path,
      `it cannot be given to uid ${uid}, gid ${gid}`,
      "run as root, or make the directory as its owner before",
      cause,
    );
  }
}

function check(path: string, found: Stats, { uid, gid }: DirectoryOptions): void {
  const problem = strangersWith(found, { uids: [uid, 0], gids: [gid] });
  if (problem)
    throw unusable(
      path,
      problem,
      `choose a directory that belongs to uid ${uid} and that no other may write to (chmod 0700)`,
    );
}

const REASONS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOTDIR: ["it is no directory", "choose another path"], // O_DIRECTORY|O_NOFOLLOW says so of a symlink too
  EEXIST: ["something above it is no directory", "choose another path"],
  ELOOP: ["it is a symlink", "give the path it leads to"],
  EACCES: ["permission is denied", "run as root, or choose a path below $XDG_RUNTIME_DIR"],
  EPERM: ["permission is denied", "run as root, or choose a path below $XDG_RUNTIME_DIR"],
  EROFS: ["the file system is read-only", "choose another path"],
  ENAMETOOLONG: ["the path is too long", "choose a shorter one"],
};

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof KernelError) throw cause;
    if (cause instanceof StrangersLink)
      throw unusable(
        path,
        `the symlink ${cause.message} above it is not root's or ours alone`,
        "give the path it leads to",
        cause,
      );
    if (cause instanceof ForeignPlace)
      throw unusable(
        path,
        "it is in another mount namespace, whose owner mounts there what he likes, also what never answers",
        "give a directory of the host, and bind it into the container",
        cause,
      );
    const [problem, remedy] = REASONS[codeOf(cause) ?? ""] ?? [
      `the system says ${codeOf(cause)}`,
      remedyFor(codeOf(cause), "choose another path"),
    ];
    throw unusable(path, problem, remedy, cause);
  }
}

export function unusable(path: string, problem: string, remedy: string, cause?: unknown): KernelError {
  const message = `the directory ${path} cannot be used: ${problem}`;
  return new KernelError("PATH_UNUSABLE", message, remedy, cause === undefined ? undefined : { cause });
}
