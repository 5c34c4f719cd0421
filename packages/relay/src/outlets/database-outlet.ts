import { decode, isMalformed } from "@uevent-bridge/uevent";

import { payload } from "../datagram.js";
import type { View } from "../outlet.js";
import type { UdevDatabase } from "../udev/database.js";
import type { UdevDesk } from "../udev/desk.js";
import type { PreparedOptions } from "./prepared-outlet.js";
import { PreparedOutlet } from "./prepared-outlet.js";
import type { Said } from "./preparation.js";

export interface DatabaseOptions extends PreparedOptions {
  readonly desk: UdevDesk;
  readonly database: UdevDatabase;
}

/**
 * A container's `/run/udev`, whoever listens. It is told before the outlets that come after it: what they wait for resolves for all
 * in the order in which they asked.
 */
export class DatabaseOutlet extends PreparedOutlet {
  override readonly isKeptHere = true;
  readonly #options: DatabaseOptions;

  constructor(view: View, options: DatabaseOptions) {
    super(view, options);
    this.#options = options;
  }

  protected tell({ datagram, concern }: Said): void {
    const event = decode(payload(datagram));
    if (!concern || isMalformed(event)) return;
    const { desk, database } = this.#options;
    database.follow(event, concern.device, desk.entry(concern.device));
  }

  flush(): void {
    // nothing waits
  }
}
