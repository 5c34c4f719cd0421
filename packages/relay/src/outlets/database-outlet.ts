import type { KnownDevice } from "../known-device.js";
import type { View } from "../view.js";
import type { UdevDatabase } from "../udev/database.js";
import type { UdevDesk } from "../udev/desk.js";
import { KeptOutlet } from "./kept-outlet.js";
import type { PreparedOptions } from "./prepared-outlet.js";

export interface DatabaseOptions extends PreparedOptions {
  readonly desk: UdevDesk;
  readonly database: UdevDatabase;
}

/**
 * A container's `/run/udev`, whoever listens. It is told before the outlets that come after it: what they wait for resolves for all
 * in the order in which they asked.
 */
export class DatabaseOutlet extends KeptOutlet {
  readonly #options: DatabaseOptions;

  constructor(view: View, options: DatabaseOptions) {
    super(view, options);
    this.#options = options;
  }

  protected keep(device: KnownDevice): void {
    const { desk, database } = this.#options;
    database.put(device, desk.entry(device));
  }

  protected drop(device: KnownDevice): void {
    this.#options.database.remove(device);
  }
}
