import type { Concern } from "./concern.js";
import type { KnownDevice } from "./known-device.js";
import type { Doubt } from "./reconcile.js";

/** What a receiver may know wrongly of the devices that it was told. */
export class Doubts extends Map<KnownDevice, Doubt> {
  /** Whether it is there counts for more than how it is. */
  add(device: KnownDevice, doubt: Doubt): void {
    if (this.get(device) !== "existence") this.set(device, doubt);
  }

  /** It knows how the device is. */
  settleState(device: KnownDevice): void {
    if (this.get(device) === "state") this.delete(device);
  }

  /** Something is said of how a device is, and the one that the receiver knows there may be another, which it hears to have gone later. */
  areOfAnother({ device, doubt }: Concern): boolean {
    return doubt === "state" && this.get(device) === "existence";
  }
}

/** True if something else was told at the path of a device. */
export function isOtherTold(told: ReadonlyMap<KnownDevice, string>, device: KnownDevice): boolean {
  return [...told].some(([each, devpath]) => each !== device && devpath === device.devpath);
}
