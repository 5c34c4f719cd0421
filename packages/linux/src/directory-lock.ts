import { closeSync, fstatSync, lstatSync, mkdirSync, readlinkSync } from "node:fs";
import type { BigIntStats, Stats } from "node:fs";
import { dirname, join } from "node:path";

import type { DirectoryOptions } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { isInPlace, leaveDirectory, openUnsettled, settle, unusable } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import { codeOf } from "./errno.js";
import { awaitLock } from "./file-lock.js";
import type { FileLock, Held } from "./file-lock.js";
import type { MountTables } from "./mount-tables.js";
import { strangersWith } from "./strangers.js";
import { doEach, orUndo } from "./undo.js";

/** Begins what is noted in the lock of a directory that a relay made: who is killed leaves it to the next one to remove. */
export const MADE = "made";
const ATTEMPTS = 10;

/**
 * Where relays of this user keep their locks; the first that can be used is. The locks are not in the directories
 * themselves, whose owners are containers and could hold or remove them.
 */
export function defaultLockDirectories(env: NodeJS.ProcessEnv = process.env): string[] {
  const uid = process.geteuid?.() ?? 0;
  const own = env["XDG_RUNTIME_DIR"] ? [join(env["XDG_RUNTIME_DIR"], "uevent-bridge")] : [];
  const runtime = uid === 0 ? ["/run/uevent-bridge"] : own;
  return [...runtime, `/tmp/uevent-bridge-${uid}`].map((directory) => join(directory, ".locks"));
}

/** A directory that nobody else of this user works in. */
export interface LockedDirectory {
  readonly opened: OpenedDirectory;
  readonly lock: FileLock;
}

/** Closes it, and removes it if we made it and nobody has anything in it; what is noted of it stays as long as it does. @param remove how */
export function leaveLocked(
  { opened, lock }: LockedDirectory,
  mounts?: MountTables,
  remove?: (opened: OpenedDirectory) => void,
): void {
  let isLeft = true;
  doEach(
    () => (isLeft = leaveDirectory(opened, mounts, remove)),
    () => lock.release(isLeft),
  );
}

/** The locks of a relay, which are files at one place. */
export class Locks {
  readonly #addon: Addon;
  readonly #candidates: readonly string[];
  readonly #sweep: (home: string) => void;
  #swept: string | undefined;

  /** @param sweep is told where they are, once one is held */
  constructor(addon: Addon, candidates: readonly string[], sweep: (home: string) => void = () => {}) {
    this.#addon = addon;
    this.#candidates = candidates;
    this.#sweep = sweep;
  }

  /** Opens a directory, makes it if need be, and locks it. It has been made too if a relay made it that was killed. @throws KernelError PATH_UNUSABLE */
  open(path: string, owner: DirectoryOptions): LockedDirectory {
    for (let i = 0; i < ATTEMPTS; i++) {
      const found = openUnsettled(path, owner);
      const lock = orUndo(
        () => this.lock(found),
        () => leaveDirectory(found),
      );
      const leave = (): void => leaveLocked({ opened: found, lock });
      if (orUndo(() => isInPlace(found), leave)) return orUndo(() => settled(found, lock), leave);
      lock.release(); // another relay has removed it meanwhile
      closeSync(found.fd);
    }
    throw unusable(path, "it comes and goes", "see who removes it");
  }

  /** Locks a directory against other relays of this user. @throws KernelError PATH_UNUSABLE */
  lock({ path, fd }: Pick<OpenedDirectory, "path" | "fd">): FileLock {
    const home = this.#candidates.find(prepare);
    if (home === undefined) {
      const places = this.#candidates.join(", ");
      throw unusable(path, `there is no place for its lock: tried ${places}`, "make one of them, with mode 0700");
    }
    const lock = this.#take(join(home, lockName(fstatSync(fd, { bigint: true }))), fd, path);
    if ("release" in lock) return this.#sweepOnce(home, lock);
    throw unusable(path, `another relay (pid ${lock.holder}) holds it`, "stop that one, or choose another directory");
  }

  /** What its last holder noted, if that was killed; else empty. Undefined if somebody holds it. @throws KernelError PATH_UNUSABLE */
  left({ path, fd }: Pick<OpenedDirectory, "path" | "fd">): string | undefined {
    const name = lockName(fstatSync(fd, { bigint: true }));
    const file = this.#candidates
      .filter(isUsable)
      .map((each) => join(each, name))
      .find(isOurNote);
    if (file === undefined) return "";
    const lock = this.#take(file, fd, path);
    if (!("release" in lock)) return undefined;
    lock.release(true);
    return lock.left;
  }

  /** What it is about is said as the kernel says it: others may come by another way. */
  #take(file: string, fd: number, path: string): FileLock | Held {
    try {
      return awaitLock(this.#addon, file, readlinkSync(`/proc/self/fd/${fd}`));
    } catch (cause) {
      const problem = `its lock ${file} cannot be written: the system says ${codeOf(cause)}`;
      throw unusable(path, problem, "see that there is room, and that it can be written there", cause);
    }
  }

  #sweepOnce(home: string, lock: FileLock): FileLock {
    if (this.#swept === home) return lock;
    this.#swept = home;
    this.#sweep(home);
    return lock;
  }
}

function settled(found: OpenedDirectory, lock: FileLock): LockedDirectory {
  const isNoted = lock.left.startsWith(MADE);
  const made = found.made || isNoted;
  if (made && !isNoted) lock.note(MADE);
  settle(found);
  return { opened: { ...found, made }, lock };
}

/** The name of its lock. */
export const lockName = ({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): string => `${dev}-${ino}`;

/** True if the directory is there, or could be made, and only we can write to it and to the one above. */
function prepare(directory: string): boolean {
  const above = dirname(directory);
  try {
    mkdirSync(above, { recursive: true, mode: 0o755 });
    if (!isOurs(above)) return false; // a symlink of somebody's: nothing is made where it leads
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return isOurs(directory);
  } catch {
    return false;
  }
}

/** The same of one that is there: none is made. */
function isUsable(directory: string): boolean {
  try {
    return isOurs(dirname(directory)) && isOurs(directory);
  } catch {
    return false; // not ours to see
  }
}

function isOurs(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && isOnlyOurs(found);
}

/** Another name of it would be one of somebody's file. */
function isOurNote(file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.nlink === 1 && isOnlyOurs(found);
}

function isOnlyOurs(found: Stats): boolean {
  return strangersWith(found, { uids: [], gids: [] }) === undefined;
}
