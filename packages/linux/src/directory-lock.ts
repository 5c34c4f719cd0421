import { fstatSync, lstatSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Addon } from "./addon.js";
import { unusable } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import { lockFile } from "./file-lock.js";
import type { FileLock } from "./file-lock.js";
import { strangersWith } from "./strangers.js";

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

/** Locks a directory against other relays of this user. @throws KernelError PATH_UNUSABLE */
export function lockDirectory(addon: Addon, { path, fd }: OpenedDirectory, candidates: readonly string[]): FileLock {
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const home = candidates.find(prepare);
  if (home === undefined) {
    const places = candidates.join(", ");
    throw unusable(path, `there is no place for its lock: tried ${places}`, "make one of them, with mode 0700");
  }
  const lock = lockFile(addon, join(home, `${dev}-${ino}`));
  if ("release" in lock) return lock;
  throw unusable(path, `another relay (pid ${lock.holder}) holds it`, "stop that one, or choose another directory");
}

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
