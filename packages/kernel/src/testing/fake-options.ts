import type { FakeContainer } from "./container.js";

export interface FakeKernelOptions {
  /** Bytes of receive buffer of each source; a datagram of 300 bytes costs 1280. Default 16 MiB. */
  readonly receiveBuffer?: number;
  /** What `udevRuns()` says. Default false. */
  readonly udev?: boolean;
}

/** Who said a datagram; absent fields are the kernel's own. */
export interface Forged {
  readonly portId?: number;
  readonly groups?: number;
  readonly pid?: number;
  readonly uid?: number;
  /** The group whose listeners hear it. Default `kernel`. */
  readonly to?: "kernel" | "udev";
  /** Where it is said. Absent: in the host's netns. */
  readonly netns?: FakeContainer;
}
