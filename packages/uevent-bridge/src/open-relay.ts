import type { Kernel } from "@uevent-bridge/kernel";
import type { Limits, Relay } from "@uevent-bridge/relay";

import { openThisLinux } from "./linux.js";
import { openRelayFrom } from "./nested/open.js";
import { thisRuntime } from "./runtime-directory.js";

export interface RelayOptions {
  /** Default: this machine's Linux. Tests hand in a `FakeKernel` of `uevent-bridge/testing`. */
  readonly kernel?: Kernel;
  /**
   * In a container: the directory in which a relay outside tells this container, `/run/uevent`. What that one tells is what
   * exists here.
   */
  readonly from?: string;
  /**
   * A directory of this user alone, in which it is written who holds a device: what containers hold then survives the relay, and holds for
   * all relays of this machine that have the same one. Default false: neither.
   */
  readonly stateDir?: string | false;
  /** The bounds of every queue, see docs/limits.md. */
  readonly limits?: Partial<Limits>;
  /** Abort closes the relay. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a relay in this process.
 *
 * @throws BridgeError ADDON_MISSING, NO_PRIVILEGE, KERNEL_TOO_OLD; PATH_UNUSABLE of `from` and `stateDir`
 * @example
 * const relay = await openRelay();
 * const box = await relay.attach({ name: "box", pid, allow: ["/devices/virtual/block/loop0"] });
 * for await (const message of box.events()) console.log(message);
 */
export async function openRelay(options: RelayOptions = {}): Promise<Relay> {
  const kernel = options.kernel ?? (await openThisLinux());
  const { from, ...rest } = options;
  return openRelayFrom(from, { ...rest, kernel, runtimeDir: thisRuntime().directory });
}
