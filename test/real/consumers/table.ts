import type { ConsumerKind } from "./consumer.js";
import { mdev } from "./mdev.js";
import { pyudev } from "./pyudev.js";
import { udevadm, udevd } from "./udevd.js";

/** The programs that docs/consumers.md speaks of. */
export const CONSUMERS: readonly ConsumerKind[] = [udevd, udevadm, pyudev, mdev];
