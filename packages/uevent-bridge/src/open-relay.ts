import type { Kernel } from "@uevent-bridge/kernel";
import { openRelay as openRelayOn } from "@uevent-bridge/relay";
import type { Limits, Relay } from "@uevent-bridge/relay";

import { openThisLinux } from "./linux.js";
import { thisRuntime } from "./runtime-directory.js";

export interface RelayOptions {
  /** Default: this machine's Linux. Tests hand in a `FakeKernel` of `uevent-bridge/testing`. */
  readonly kernel?: Kernel;
  /** The bounds of every queue, see docs/limits.md. */
  readonly limits?: Partial<Limits>;
  /** Abort closes the relay. */
  readonly signal?: AbortSignal;
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
  const kernel = options.kernel ?? (await openThisLinux());
  return openRelayOn({ ...options, kernel, runtimeDir: thisRuntime().directory });
}
