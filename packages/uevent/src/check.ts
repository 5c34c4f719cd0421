import { KERNEL_ENV_BYTES } from "./bounds.js";
import type { KernelUevent } from "./kernel-uevent.js";
import { type Malformed, isMalformed, malformed } from "./malformed.js";
import { checkAction, checkDevpath, isSubsystem } from "./names.js";
import { type Pairs, findValueStart } from "./pairs.js";

/** What `decode` takes on trust: that header and pairs agree and are well formed. Undefined if nothing is wrong. */
export function check(event: KernelUevent): Malformed | undefined {
  const pairs = checkedPairs(event);
  return isMalformed(pairs) ? pairs : undefined;
}

/** The pairs of an event in which nothing is wrong. */
export function checkedPairs(event: KernelUevent): Pairs | Malformed {
  const wrongHeader = checkHeader(event) ?? checkLength(event);
  if (wrongHeader) return wrongHeader;
  const pairs = event.pairs();
  if (isMalformed(pairs)) return pairs;
  return checkAgreement(event, pairs) ?? pairs;
}

function checkHeader({ action, devpath }: KernelUevent): Malformed | undefined {
  return checkAction(action, 0) ?? checkDevpath(devpath, action.length + "@".length);
}

function checkLength({ pairsStart, text }: KernelUevent): Malformed | undefined {
  const isTooLong = text.length - pairsStart > KERNEL_ENV_BYTES;
  return isTooLong ? malformed("too-long", pairsStart + KERNEL_ENV_BYTES) : undefined;
}

function checkAgreement(event: KernelUevent, pairs: Pairs): Malformed | undefined {
  if (pairs.get("ACTION") !== event.action) return malformed("action-differs", valueStart(event, "ACTION"));
  if (pairs.get("DEVPATH") !== event.devpath) return malformed("devpath-differs", valueStart(event, "DEVPATH"));
  return isSubsystem(event.subsystem) ? undefined : malformed("odd-subsystem", valueStart(event, "SUBSYSTEM"));
}

function valueStart({ text, pairsStart }: KernelUevent, key: string): number {
  return findValueStart(text, key, pairsStart - 1);
}
