import type { DeviceTree, Source } from "@uevent-bridge/kernel";

import type { Registry } from "./registry.js";
import type { Waiting } from "./waiting.js";

/** Stands for the host's own network namespace, whose number nobody needs. */
export const HOST_NETNS = 0n;

/** The events of one network namespace and what they say that exists. */
export interface Feed {
  readonly netns: bigint;
  readonly devices: DeviceTree;
  readonly registry: Registry;
  readonly source: Source;
  readonly waiting: Waiting;
  /** The kernel lost events for us, and `/sys` has not been read since. */
  overrun: boolean;
  /** Nothing was left to be heard when the last batch had been. */
  drained: boolean;
  /** `/sys` is being read: what the kernel says meanwhile waits in the source. */
  resyncing: Promise<void> | undefined;
}
