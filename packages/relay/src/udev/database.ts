import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";
import { udevId } from "@uevent-bridge/kernel";
import type { KernelUevent } from "@uevent-bridge/uevent";

import type { KnownDevice } from "../known-device.js";

/** Keeps a container's `/run/udev` in step with what its programs are told: an entry is there before its event, and goes with its device. */
export class UdevDatabase {
  readonly #directory: UdevDirectory;

  constructor(directory: UdevDirectory) {
    this.#directory = directory;
  }

  /** An event of the device is about to be told. */
  follow(event: KernelUevent, device: KnownDevice, entry: UdevEntry): void {
    const { action, devpath, subsystem } = event;
    const idAt = (path: string) => udevId({ devpath: path, subsystem }, (key) => device.properties.get(key));
    const id = idAt(devpath);
    const from = action === "move" ? event.get("DEVPATH_OLD") : undefined;
    if (from !== undefined && idAt(from) !== id) this.#directory.remove(idAt(from));
    if (action === "remove") this.#directory.remove(id);
    else this.#directory.put(id, entry);
  }
}
