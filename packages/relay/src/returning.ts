import type { Claimant } from "./claimant.js";
import type { KnownDevice } from "./known-device.js";

/** Containers that are being attached, and what they held before, by relays that ended: where that fails it stays theirs. */
export class Returning {
  readonly #begun = new WeakSet<Claimant>();
  readonly #held = new WeakMap<Claimant, ReadonlySet<KnownDevice>>();

  /** The first rules of one are in force. */
  begins(claimant: Claimant): void {
    this.#begun.add(claimant);
  }

  had(claimant: Claimant, devices: Iterable<KnownDevice>): void {
    this.#held.set(claimant, new Set(devices));
  }

  /** It is attached. */
  ends(claimant: Claimant): void {
    this.#held.delete(claimant);
  }

  hasBegun(claimant: Claimant): boolean {
    return this.#begun.has(claimant);
  }

  /** True if it has held the device before, and is not attached. */
  keeps(claimant: Claimant, device: KnownDevice): boolean {
    return this.#held.get(claimant)?.has(device) ?? false;
  }
}
