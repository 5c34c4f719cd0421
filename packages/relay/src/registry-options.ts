import type { DeviceTree } from "@uevent-bridge/kernel";

import type { KnownDevice } from "./known-device.js";
import type { NetBound } from "./net-bound.js";
import type { Registry } from "./registry.js";

/** What an enumeration found otherwise than it was known; `gone` has children first, `came` parents first. */
export interface Difference {
  readonly gone: readonly KnownDevice[];
  readonly came: readonly KnownDevice[];
  /** The same devices, with other properties. */
  readonly changed: readonly KnownDevice[];
}

export interface RegistryOptions {
  readonly devices: DeviceTree;
  /** Inode of the network namespace whose events this registry is fed with. */
  readonly netns: bigint;
  /** True: only net devices and what belongs to them. */
  readonly netOnly: boolean;
  /** How many may be known; absent: all. */
  readonly bound?: NetBound;
  /** Where to look for a device's parent that this registry does not have. */
  readonly outer?: Registry;
  /** Directories that have devices below them, with how many in all registries that share it. */
  readonly above?: Map<string, number>;
}
