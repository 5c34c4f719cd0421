import { KERNEL_ENV_BYTES } from "./bounds.js";
import type { KernelUevent } from "./kernel-uevent.js";
import { type Malformed, isMalformed, malformed } from "./malformed.js";
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
  if (!/^[a-zA-Z0-9_-]+$/.test(action)) return malformed("odd-action", 0);
  const odd = /\/(\.{0,2})(?=\/|$)/.exec(devpath);
  if (!odd) return undefined;
  const offset = action.length + "@".length + odd.index + "/".length;
  return malformed(odd[1] === "" ? "devpath-empty-segment" : "devpath-dot-segment", offset);
}

function checkLength({ pairsStart, text }: KernelUevent): Malformed | undefined {
  const isTooLong = text.length - pairsStart > KERNEL_ENV_BYTES;
  return isTooLong ? malformed("too-long", pairsStart + KERNEL_ENV_BYTES) : undefined;
}

function checkAgreement(event: KernelUevent, pairs: Pairs): Malformed | undefined {
  const { action, devpath, subsystem, text, pairsStart } = event;
  const wrong = (reason: Malformed["malformed"], key: string) =>
    malformed(reason, findValueStart(text, key, pairsStart - 1));
  if (pairs.get("ACTION") !== action) return wrong("action-differs", "ACTION");
  if (pairs.get("DEVPATH") !== devpath) return wrong("devpath-differs", "DEVPATH");
  if (/^\.{0,2}$|\//.test(subsystem)) return wrong("odd-subsystem", "SUBSYSTEM");
  return undefined;
}
