import type { DeviceTree } from "@uevent-bridge/kernel";

import type { Registry } from "./registry.js";

export interface RegistryOptions {
  readonly devices: DeviceTree;
  /** Inode of the network namespace whose events this registry is fed with. */
  readonly netns: bigint;
  /** True: only net devices and what belongs to them. */
  readonly netOnly: boolean;
  /** Where to look for a device's parent that this registry does not have. */
  readonly outer?: Registry;
}
