import { closeSync, constants, fstatSync, lstatSync, openSync, rmdirSync } from "node:fs";

import type { DirectoryOptions, Outcome, Peer, SocketDirectory, SocketEntry } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { listSockets } from "./directory-list.js";
import { lockDirectory } from "./directory-lock.js";
import { openOwnDirectory } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import { DirectoryWatch } from "./directory-watch.js";
import { codeOf } from "./errno.js";
import type { FileLock } from "./file-lock.js";
import { outcomeOf } from "./outcome.js";
import { SocketPeer } from "./peer.js";
import { orUndo } from "./undo.js";

const O_PATH = 0o10000000; // opens a file as a place, whatever it is; Node has no name for it

type Refusal = Exclude<Outcome, "sent" | "too-long">;

/** Opens a directory of listeners, makes it if need be, and locks it against other relays. @throws KernelError PATH_UNUSABLE */
export function openDirectory(
  addon: Addon,
  path: string,
  options: DirectoryOptions,
  lockDirectories: readonly string[],
): SocketDirectory {
  const opened = openOwnDirectory(path, options);
  const lock = orUndo(
    () => lockDirectory(addon, opened, lockDirectories),
    () => leave(opened),
  );
  const watch = orUndo(
    () => new DirectoryWatch(addon, opened),
    () => {
      leave(opened);
      lock.release();
    },
  );
  return new ListenerDirectory(addon, opened, lock, watch);
}

class ListenerDirectory implements SocketDirectory {
  readonly path: string;
  readonly #addon: Addon;
  readonly #opened: OpenedDirectory;
  readonly #lock: FileLock;
  readonly #watch: DirectoryWatch;
  #closed = false;

  constructor(addon: Addon, opened: OpenedDirectory, lock: FileLock, watch: DirectoryWatch) {
    this.path = opened.path;
    this.#addon = addon;
    this.#opened = opened;
    this.#lock = lock;
    this.#watch = watch;
  }

  list(limit: number): { readonly entries: readonly SocketEntry[]; readonly more: boolean } {
    if (this.#closed) return { entries: [], more: false };
    return this.#watch.timed(() => listSockets(this.#opened.fd, limit));
  }

  connect(entry: SocketEntry): Peer | Refusal {
    const file = this.#closed ? undefined : openEntry(this.#opened.fd, entry);
    if (file === undefined) return "gone";
    try {
      const fd = this.#addon.connectSocketFile(file);
      return fd < 0 ? (outcomeOf(fd) as Refusal) : new SocketPeer(this.#addon, fd);
    } finally {
      closeSync(file);
    }
  }

  onChange(callback: () => void): void {
    this.#watch.onChange = callback;
  }

  ref(): void {
    this.#watch.ref();
  }

  unref(): void {
    this.#watch.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    leave(this.#opened);
    this.#lock.release();
  }
}

/** Opens what an entry names, if it is the very socket that was listed; else undefined. */
function openEntry(directory: number, { name, inode }: SocketEntry): number | undefined {
  if (name === "" || name.includes("/") || name.includes("\0")) return undefined;
  try {
    const fd = openSync(`/proc/self/fd/${directory}/${name}`, O_PATH | constants.O_NOFOLLOW);
    const found = fstatSync(fd, { bigint: true });
    if (found.isSocket() && found.ino === inode) return fd;
    closeSync(fd);
  } catch (error) {
    if (codeOf(error) === "EMFILE" || codeOf(error) === "ENFILE") throw error;
  }
  return undefined;
}

/** Closes a directory, and removes it if we made it and it is empty. */
function leave({ path, fd, made }: OpenedDirectory): void {
  if (made && isStillAt(path, fd)) removeIfEmpty(path);
  closeSync(fd);
}

function isStillAt(path: string, fd: number): boolean {
  const ours = fstatSync(fd, { bigint: true });
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there?.ino === ours.ino && there.dev === ours.dev;
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // somebody is in it
  }
}
