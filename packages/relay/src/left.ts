import type { Left, Target } from "@uevent-bridge/kernel";

import { ownerFor } from "./container-parts.js";
import type { BridgeError } from "./errors.js";
import { troubleOf } from "./errors.js";

/** Undoes what a relay that was killed has left of a container. What cannot be undone is said, and stays for the next. */
export async function undoLeft(target: Target, left: Left, onWarning: (warning: BridgeError) => void): Promise<void> {
  try {
    await target.undo(left, ownerFor(target));
  } catch (error) {
    onWarning(troubleOf(error));
  }
}
