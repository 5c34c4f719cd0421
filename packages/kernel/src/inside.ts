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
