import type { KnownDevice } from "./known-device.js";
import type { Doubt } from "./reconcile.js";

/** What a receiver knows wrongly if it loses a datagram: a device's properties, or whether it is there under this path. */
export interface Concern {
  readonly device: KnownDevice;
  readonly devpath: string;
  readonly doubt: Doubt;
  /** It was told before, and is said once more. */
  readonly again?: boolean;
  /** What is said of its properties is older than what is known of them. */
  readonly isLate?: boolean;
  /** It is said that nothing is there any more. */
  readonly gone?: boolean;
  /** It is said that it came from this path, with all below it. */
  readonly from?: string;
}

/** A `move` took a subtree along. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** What of it was told, with the paths that it left. */
  readonly left: readonly Concern[];
}

export function existence(device: KnownDevice): Concern {
  const { devpath, isSaidLate: isLate } = device;
  return { device, devpath, doubt: "existence", isLate };
}
