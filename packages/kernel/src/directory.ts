import type { Outcome, Peer } from "./sender.js";

/** A socket file in a directory of listeners. Another inode under the same name is another listener. */
export interface SocketEntry {
  readonly name: string;
  readonly inode: bigint;
  /** When it was bound: another one may have its inode later. Only compared. */
  readonly born: bigint;
}

/**
 * A directory into which a container binds datagram sockets. All that is in it is hostile:
 * symlinks are not followed, what is not a socket is not listed, nothing is ever unlinked.
 */
export interface SocketDirectory {
  /** As the host sees it. */
  readonly path: string;
  /** The sockets in it now, at most `limit` of them; `more` says that there were others. */
  list(limit: number): { readonly entries: readonly SocketEntry[]; readonly more: boolean };
  /** Connects to a listed socket. `gone`: no more, not bound yet, or another inode. */
  connect(entry: Pick<SocketEntry, "name" | "inode">): Peer | Exclude<Outcome, "sent" | "too-long">;
  /** Calls back when something in the directory changed, after a short quiet or bounded delay; never more than about 200 times a second. */
  onChange(callback: () => void): void;
  ref(): void;
  unref(): void;
  /** Stops watching. The directory is removed if this opened it new and it is empty. */
  close(): void;
}

export interface DirectoryOptions {
  /** Owner of the directory if it must be made: the container's root, as host ids. Its mode is 0700. */
  readonly uid: number;
  readonly gid: number;
}
