import { checkedPairs } from "./check.js";
import { decode } from "./decode.js";
import { DecodedUevent, envOf } from "./decoded-uevent.js";
import type { KernelUevent } from "./kernel-uevent.js";
import { type Malformed, isMalformed } from "./malformed.js";
import type { Uevent } from "./uevent.js";

/** The event of a datagram in the kernel's form, fully checked. The bytes are copied; `env` is made when first asked for. */
export function toUevent(bytes: Uint8Array): Uevent | Malformed {
  const event = decode(bytes);
  if (isMalformed(event)) return event;
  const pairs = checkedPairs(event);
  return isMalformed(pairs) ? pairs : new DecodedUevent(pairs, new Uint8Array(bytes));
}

/** All pairs of an event as text, or what is wrong with it. */
export function env(event: KernelUevent): ReadonlyMap<string, string> | Malformed {
  const pairs = checkedPairs(event);
  return isMalformed(pairs) ? pairs : envOf(pairs);
}
