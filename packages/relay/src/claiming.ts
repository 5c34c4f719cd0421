import type { KnownDevice } from "./known-device.js";
import type { Subscriber } from "./selection.js";

/** True if a rule of its picks this device and says `exclusive`, or it is granted so. */
export function claimsItself(subscriber: Subscriber, device: KnownDevice): boolean {
  if (device.granted?.get(subscriber)?.exclusive) return true;
  return device.picks.some(({ allow }) => allow.get(subscriber)?.some(({ words }) => words.exclusive));
}

/** Then it holds the device with what is above. */
export function claimsAbove(subscriber: Subscriber, { parent }: KnownDevice): boolean {
  return parent !== undefined && (claimsItself(subscriber, parent) || claimsAbove(subscriber, parent));
}
