import type { Concern } from "./concern.js";
import type { KnownDevice } from "./known-device.js";
import type { Doubt } from "./reconcile.js";

/** What a receiver may know wrongly of the devices that it was told. */
export class Doubts extends Map<KnownDevice, Doubt> {
  readonly #was = new WeakMap<KnownDevice, KnownDevice>();

  /** Whether it is there counts for more than how it is. @param was the one that was told, for which this one stands */
  add(device: KnownDevice, doubt: Doubt, was?: KnownDevice): void {
    if (this.get(device) !== "existence") this.set(device, doubt);
    if (was) this.#was.set(device, was);
  }

  override delete(device: KnownDevice): boolean {
    this.#was.delete(device);
    return super.delete(device);
  }

  /** The device as the receiver knows it. */
  told(device: KnownDevice): KnownDevice {
    return this.#was.get(device) ?? device;
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
