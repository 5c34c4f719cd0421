import { defaultLockDirectories } from "./directory-lock.js";
import type { Keeper } from "./kept-source.js";

/** How the kernel of this machine is used. */
export interface LinuxOptions {
  /**
   * Bytes of receive buffer that sources ask for, those in a container's netns too: else 128 MiB, as udevd does, and 2 MiB there.
   * Without privilege the system's limit holds.
   */
  readonly receiveBuffer?: number;
  /** Where the locks of socket directories are kept: `/run/uevent-bridge/.locks`, or below `$XDG_RUNTIME_DIR` or `/tmp`. */
  readonly lockDirectory?: string;
  /** Where the host's sysfs is mounted: `/sys`. */
  readonly sysfs?: string;
  /** Finds the program `uevent-agent` of the package @uevent-bridge/agent, which holds shadows. */
  readonly agent?: () => string;
  /** Keeps the source of the host's events for the process that comes after this one. The first one that is opened is that. */
  readonly keeper?: Keeper | undefined;
}

/** Options with nothing left open. */
export interface Settings {
  readonly receiveBuffer: number;
  readonly enteredReceiveBuffer: number;
  readonly lockDirectories: readonly string[];
  readonly sysfs: string;
}

const RECEIVE_BUFFER = 128 * 1024 * 1024; // bytes
/** Of a source in a container's own netns, which its root fills at will. */
const ENTERED_RECEIVE_BUFFER = 2 * 1024 * 1024; // bytes

export function settingsOf(options: LinuxOptions): Settings {
  return {
    receiveBuffer: options.receiveBuffer ?? RECEIVE_BUFFER,
    enteredReceiveBuffer: options.receiveBuffer ?? ENTERED_RECEIVE_BUFFER,
    lockDirectories: options.lockDirectory === undefined ? defaultLockDirectories() : [options.lockDirectory],
    sysfs: options.sysfs ?? "/sys",
  };
}
