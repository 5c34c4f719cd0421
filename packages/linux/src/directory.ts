import { closeSync, constants, fstatSync, openSync } from "node:fs";

import type { DirectoryOptions, Outcome, Peer, SocketDirectory, SocketEntry } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { listSockets } from "./directory-list.js";
import type { SocketList } from "./directory-list.js";
import { leaveLocked } from "./directory-lock.js";
import type { LockedDirectory, Locks } from "./directory-lock.js";
import { DirectoryWatch } from "./directory-watch.js";
import { ERRNO, errnoOf } from "./errno.js";
import { O_PATH } from "./flags.js";
import { outcomeOf } from "./outcome.js";
import { SocketPeer } from "./peer.js";
import type { Inotify } from "./inotify.js";
import type { MountTables } from "./mount-tables.js";
import { doEach, orUndo } from "./undo.js";

const NOTHING: SocketList = { entries: [], more: false };

type Refusal = Exclude<Outcome, "sent" | "too-long">;

/** What directories need of their kernel. */
export interface DirectoryTools {
  readonly addon: Addon;
  readonly inotify: Inotify;
  readonly locks: Locks;
  readonly mounts: MountTables;
}

/** Opens a directory of listeners, makes it if need be, and locks it against other relays. @throws KernelError PATH_UNUSABLE */
export function openDirectory(tools: DirectoryTools, path: string, options: DirectoryOptions): SocketDirectory {
  const locked = tools.locks.open(path, options);
  const watch = orUndo(
    () => new DirectoryWatch(tools.inotify, locked.opened),
    () => leaveLocked(locked, tools.mounts),
  );
  return new ListenerDirectory(tools, locked, watch);
}

class ListenerDirectory implements SocketDirectory {
  readonly path: string;
  readonly #tools: DirectoryTools;
  readonly #locked: LockedDirectory;
  readonly #watch: DirectoryWatch;
  #last: SocketList = NOTHING;
  #closed = false;

  constructor(tools: DirectoryTools, locked: LockedDirectory, watch: DirectoryWatch) {
    this.path = locked.opened.path;
    this.#tools = tools;
    this.#locked = locked;
    this.#watch = watch;
  }

  /** A directory that its owner made unreadable is as it was: whoever is gone is found out by sending. */
  list(limit: number): SocketList {
    if (this.#closed) return NOTHING;
    try {
      this.#last = this.#watch.timed(() => listSockets(this.#locked.opened.fd, limit));
    } catch (error) {
      errnoOf(error);
    }
    return this.#last;
  }

  connect(entry: Pick<SocketEntry, "name" | "inode">): Peer | Refusal {
    const file = this.#closed ? -ERRNO.ENOENT : openEntry(this.#locked.opened.fd, entry);
    if (file < 0) return outcomeOf(file) as Refusal;
    const { addon } = this.#tools;
    const fd = addon.connectSocketFile(file);
    closeSync(file);
    return fd < 0 ? (outcomeOf(fd) as Refusal) : new SocketPeer(addon, fd);
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
    doEach(
      () => this.#watch.close(),
      () => leaveLocked(this.#locked, this.#tools.mounts),
    );
  }
}

/** Opens what an entry names, if it is the very socket that was listed; else -errno. */
function openEntry(directory: number, { name, inode }: Pick<SocketEntry, "name" | "inode">): number {
  if (name === "" || name.includes("/") || name.includes("\0")) return -ERRNO.ENOENT;
  try {
    const fd = openSync(`/proc/self/fd/${directory}/${name}`, O_PATH | constants.O_NOFOLLOW);
    const found = orUndo(
      () => fstatSync(fd, { bigint: true }),
      () => closeSync(fd),
    );
    if (found.isSocket() && found.ino === inode) return fd;
    closeSync(fd);
    return -ERRNO.ENOENT;
  } catch (error) {
    return errnoOf(error);
  }
}
