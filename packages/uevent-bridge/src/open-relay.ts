import type { Kernel } from "@uevent-bridge/kernel";
import { openRelay as openRelayOn } from "@uevent-bridge/relay";
import type { Relay, RelayOptions as RelayOptionsOnKernel } from "@uevent-bridge/relay";

import { openLinux } from "./linux.js";

export interface RelayOptions extends Omit<RelayOptionsOnKernel, "kernel"> {
  /** Default: this machine's Linux. Tests hand in a `FakeKernel` of `uevent-bridge/testing`. */
  readonly kernel?: Kernel;
}

/**
 * Opens a relay in this process.
 *
 * @throws BridgeError ADDON_MISSING, NO_PRIVILEGE, KERNEL_TOO_OLD
 * @example
 * const relay = await openRelay();
 * const box = await relay.attach({ name: "box", pid, allow: ["/devices/virtual/block/loop0"] });
 * for await (const message of box.events()) console.log(message);
 */
export async function openRelay(options: RelayOptions = {}): Promise<Relay> {
  const kernel = options.kernel ?? (await openLinux());
  return openRelayOn({ ...options, kernel });
}
