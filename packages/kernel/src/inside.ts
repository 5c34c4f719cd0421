import type { Reader, UeventGroup } from "./target.js";

/** What of udev is in a container. */
export interface UdevInside {
  /**
   * `runs`; `installed`: it may start at any time; `absent`: there is none that could; `unknown`: the container's files do not answer,
   * or may not be seen.
   */
  readonly udevd: "runs" | "installed" | "absent" | "unknown";
  /** True if `/run/udev/control` is there: a program of libudev listens only if it is when it starts. */
  readonly control: boolean;
}

/**
 * What a container's programs find at a path. `absent`: nothing; `no-directory`: something else; `unknown`: its file systems do not
 * answer, or it may not be seen.
 */
export type PlaceInside = DirectoryInside | "absent" | "no-directory" | "unknown";

export interface DirectoryInside {
  /** Its owner, as a host id. */
  readonly uid: number;
  /** True if nothing can be made in it: its mount is read-only, or its file system. */
  readonly isReadOnly: boolean;
  /** True if it was removed, and a mount still shows it: nothing can be made in it. */
  readonly isRemoved: boolean;
  /** True if the caller finds this very directory at the same path. */
  readonly isOurs: boolean;
  /** In no order. */
  readonly entries: readonly EntryInside[];
  /** True if there are others. */
  readonly more: boolean;
}

export interface EntryInside {
  /** As the container calls it; bytes that are no UTF-8 are U+FFFD. */
  readonly name: string;
  /**
   * `listener`: a socket to which datagrams can be sent; `dead`: one that nobody has open; `socket`: any other, such as one for
   * streams; a symlink is one wherever it leads.
   */
  readonly kind: "listener" | "dead" | "socket" | "symlink" | "directory" | "other";
}

/**
 * What a container's programs find at a path where a device node may be, links followed. `absent`: nothing; `no-node`: something else;
 * `unknown`: its file systems do not answer, or it may not be seen.
 */
export type NodeInside =
  | {
      readonly type: "char" | "block";
      readonly major: number;
      readonly minor: number;
      /** Permission bits. */
      readonly mode: number;
      /** Its owner, as ids of the host. */
      readonly uid: number;
      readonly gid: number;
      /** False: its mount lets no node be opened (`nodev`). */
      readonly opens: boolean;
    }
  | "absent"
  | "no-node"
  | "unknown";

/** A program in a network namespace that has uevent sockets. */
export interface Program {
  readonly pid: number;
  /** As it calls itself: bytes of the container's, as latin1. */
  readonly name: string;
  /** True if libudev, or systemd's part of it, is in its memory. */
  readonly usesLibudev: boolean;
  readonly sockets: readonly ProgramSocket[];
}

export interface ProgramSocket extends Reader {
  /** None: it is bound, and hears nothing. */
  readonly groups: readonly UeventGroup[];
  /** Bytes that its buffer holds, as the kernel charges them; undefined if that may not be seen. */
  readonly receiveBuffer: number | undefined;
  /** True if it has a filter, which passes what its program asked for; undefined if that may not be seen. */
  readonly isFiltered: boolean | undefined;
}
