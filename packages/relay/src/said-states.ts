import type { KnownDevice } from "./known-device.js";
import type { Doubt } from "./reconcile.js";

/** With which properties an outlet told of its devices. They may change while it cannot see one, and has not come to taking it back. */
export class SaidStates {
  readonly #states = new WeakMap<KnownDevice, string>();

  /** True: it is told as it is now, or late, otherwise than it is known. */
  note(device: KnownDevice | undefined, isLate = false): true {
    if (device && isLate) this.#states.delete(device);
    else if (device) this.#states.set(device, device.state);
    return true;
  }

  noteAll(devices: Iterable<KnownDevice>): void {
    for (const device of devices) this.note(device);
  }

  /** Those that were told with other properties are doubted. */
  doubtOthers(told: Iterable<KnownDevice>, doubts: Map<KnownDevice, Doubt>): void {
    for (const device of told)
      if (!doubts.has(device) && this.#states.get(device) !== device.state) doubts.set(device, "state");
  }
}
