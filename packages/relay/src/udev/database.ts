import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";
import { udevId } from "@uevent-bridge/kernel";

import type { KnownDevice } from "../known-device.js";

/** Keeps a container's `/run/udev` in step with what its programs of libudev are told. */
export class UdevDatabase {
  readonly #directory: UdevDirectory;
  /** Under which its entry is. */
  readonly #ids = new Map<KnownDevice, string>();
  /** Whose entry it is: two have one while the first is being replaced. */
  readonly #devices = new Map<string, Set<KnownDevice>>();
  readonly #onTrouble: (error: unknown) => void;
  #isTroubled = false;

  /** @param onTrouble called once: it could not be written */
  constructor(directory: UdevDirectory, onTrouble: (error: unknown) => void) {
    this.#directory = directory;
    this.#onTrouble = onTrouble;
  }

  /** It is there, as it is now: an event of it is told in any case. */
  put(device: KnownDevice, entry: UdevEntry): void {
    this.#tried(() => this.#put(device, entry));
  }

  /** It has gone, or may not be seen any more. */
  remove(device: KnownDevice): void {
    this.#tried(() => this.#remove(device));
  }

  #put(device: KnownDevice, entry: UdevEntry): void {
    const id = udevId(device, (key) => device.properties.get(key));
    if (this.#ids.get(device) !== id) this.#remove(device); // it has another name
    this.#ids.set(device, id);
    const devices = this.#devices.get(id) ?? new Set();
    this.#devices.set(id, devices.add(device));
    this.#directory.put(id, entry);
  }

  #remove(device: KnownDevice): void {
    const id = this.#ids.get(device);
    if (id === undefined) return;
    this.#ids.delete(device);
    const others = this.#devices.get(id);
    others?.delete(device);
    if (others && others.size > 0) return;
    this.#devices.delete(id);
    this.#directory.remove(id);
  }

  #tried(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!this.#isTroubled) this.#onTrouble(error);
      this.#isTroubled = true;
    }
  }
}
