import type { Batch } from "@uevent-bridge/kernel";
import type { UdevMessage } from "@uevent-bridge/uevent";
import { decodeUdev, isMalformed } from "@uevent-bridge/uevent";

import { isFromUdev } from "./trust.js";

/** What udevd said in a batch; anything else is passed over. */
export function* udevEvents(batch: Batch): Generator<UdevMessage> {
  for (let i = 0; i < batch.count; i++) {
    if (!isFromUdev(batch, i)) continue;
    const message = decodeUdev(batch.slab.subarray(batch.starts[i], batch.ends[i]));
    if (!isMalformed(message)) yield message;
  }
}
