import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";
import { udevId } from "@uevent-bridge/kernel";
import type { KernelUevent } from "@uevent-bridge/uevent";

import type { KnownDevice } from "../known-device.js";

/** Keeps a container's `/run/udev` in step with what its programs are told: an entry is there before its event, and goes with its device. */
export class UdevDatabase {
  readonly #directory: UdevDirectory;
  /** Under which paths the device of an id was told: a net device keeps its number when it gets another name. */
  readonly #told = new Map<string, Set<string>>();

  readonly #onTrouble: (error: unknown) => void;
  #isTroubled = false;

  /** @param onTrouble called once: it could not be written */
  constructor(directory: UdevDirectory, onTrouble: (error: unknown) => void) {
    this.#directory = directory;
    this.#onTrouble = onTrouble;
  }

  /** An event of the device is about to be told, which it is in any case. */
  follow(event: KernelUevent, device: KnownDevice, entry: UdevEntry): void {
    try {
      this.#follow(event, device, entry);
    } catch (error) {
      if (!this.#isTroubled) this.#onTrouble(error);
      this.#isTroubled = true;
    }
  }

  #follow(event: KernelUevent, device: KnownDevice, entry: UdevEntry): void {
    const { action, devpath, subsystem } = event;
    const idAt = (path: string) => udevId({ devpath: path, subsystem }, (key) => device.properties.get(key));
    const from = action === "move" ? event.get("DEVPATH_OLD") : undefined;
    if (action === "remove") return this.#remove(idAt(devpath), devpath);
    if (from !== undefined) this.#move(from, devpath);
    if (from !== undefined && idAt(from) !== idAt(devpath)) this.#remove(idAt(from), devpath);
    this.#put(idAt(devpath), devpath, entry);
  }

  /** What is below a device goes with it, without an event of its own. */
  #move(from: string, to: string): void {
    for (const told of this.#told.values()) {
      for (const path of [...told].filter((each) => each === from || each.startsWith(`${from}/`))) {
        told.delete(path);
        told.add(to + path.slice(from.length));
      }
    }
  }

  #put(id: string, devpath: string, entry: UdevEntry): void {
    const told = this.#told.get(id) ?? new Set();
    this.#told.set(id, told.add(devpath));
    this.#directory.put(id, entry);
  }

  /** Who lost an event may be told late that nothing is any more where the device was. */
  #remove(id: string, devpath: string): void {
    const told = this.#told.get(id);
    told?.delete(devpath);
    if (told && told.size > 0) return;
    this.#told.delete(id);
    this.#directory.remove(id);
  }
}
