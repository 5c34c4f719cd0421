import { fstatSync, lstatSync, mkdirSync, readdirSync, readlinkSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { dirname, join } from "node:path";

import type { DirectoryOptions } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { leaveDirectory, openUnsettled, settle, unusable } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import { codeOf } from "./errno.js";
import { aboutOf, lockFile } from "./file-lock.js";
import type { FileLock } from "./file-lock.js";
import type { MountTables } from "./mount-tables.js";
import { strangersWith } from "./strangers.js";
import { orUndo } from "./undo.js";

/** Begins what is noted in the lock of a directory that a relay made: who is killed leaves it to the next one to remove. */
export const MADE = "made";

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

/** Closes it, and removes it if we made it and nobody has anything in it; what is noted of it stays as long as it does. */
export function leaveLocked({ opened, lock }: LockedDirectory, mounts: MountTables): void {
  lock.release(leaveDirectory(opened, mounts));
}

/** The locks of a relay, which are files at one place. */
export class Locks {
  readonly #addon: Addon;
  readonly #candidates: readonly string[];
  #swept: string | undefined;

  constructor(addon: Addon, candidates: readonly string[]) {
    this.#addon = addon;
    this.#candidates = candidates;
  }

  /** Opens a directory, makes it if need be, and locks it. It has been made too if a relay made it that was killed. @throws KernelError PATH_UNUSABLE */
  open(path: string, owner: DirectoryOptions): LockedDirectory {
    const found = openUnsettled(path, owner);
    const lock = orUndo(
      () => this.lock(found),
      () => leaveDirectory(found),
    );
    const isNoted = lock.left.startsWith(MADE);
    const made = found.made || isNoted;
    if (made && !isNoted) lock.note(MADE);
    settle(found);
    return { opened: { ...found, made }, lock };
  }

  /** Locks a directory against other relays of this user. @throws KernelError PATH_UNUSABLE */
  lock({ path, fd }: Pick<OpenedDirectory, "path" | "fd">): FileLock {
    const home = this.#candidates.find(prepare);
    if (home === undefined) {
      const places = this.#candidates.join(", ");
      throw unusable(path, `there is no place for its lock: tried ${places}`, "make one of them, with mode 0700");
    }
    if (this.#swept !== home) this.#sweep(home);
    this.#swept = home;
    const lock = this.#take(join(home, nameOf(fstatSync(fd, { bigint: true }))), fd, path);
    if ("release" in lock) return lock;
    throw unusable(path, `another relay (pid ${lock.holder}) holds it`, "stop that one, or choose another directory");
  }

  /** What it is about is said as the kernel says it: others may come by another way. */
  #take(file: string, fd: number, path: string): ReturnType<typeof lockFile> {
    try {
      return lockFile(this.#addon, file, readlinkSync(`/proc/self/fd/${fd}`));
    } catch (cause) {
      const problem = `its lock ${file} cannot be written: the system says ${codeOf(cause)}`;
      throw unusable(path, problem, "see that there is room, and that it can be written there", cause);
    }
  }

  /** Removes what relays left that were killed, of directories that are there no longer. */
  #sweep(home: string): void {
    for (const name of readdirSync(home)) {
      const path = join(home, name);
      try {
        const about = aboutOf(path);
        const there = about === undefined ? undefined : lstatSync(about, { bigint: true, throwIfNoEntry: false });
        if (about === undefined || (there && nameOf(there) === name)) continue;
        const lock = lockFile(this.#addon, path, about);
        if ("release" in lock) lock.release();
      } catch {
        // it went meanwhile, or cannot be looked at: it is in nobody's way
      }
    }
  }
}

const nameOf = ({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): string => `${dev}-${ino}`;

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

function isOurs(directory: string): boolean {
  const found = lstatSync(directory);
  return found.isDirectory() && strangersWith(found, { uids: [], gids: [] }) === undefined;
}
