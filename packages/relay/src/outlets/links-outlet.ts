import type { DeviceView } from "@uevent-bridge/view";

import type { KnownDevice } from "../known-device.js";
import type { View } from "../outlet.js";
import type { UdevDesk } from "../udev/desk.js";
import type { PreparedOptions } from "./prepared-outlet.js";
import { PreparedOutlet } from "./prepared-outlet.js";
import type { Said } from "./preparation.js";

const DEV = "/dev/";

export interface LinksOptions extends PreparedOptions {
  readonly desk: UdevDesk;
  readonly devices: DeviceView<KnownDevice>;
}

/** The links in a container's `/dev`, which udev knows of. It is told before those who say what udev does. */
export class LinksOutlet extends PreparedOutlet {
  override readonly isKeptHere = true;
  readonly #options: LinksOptions;

  constructor(view: View, options: LinksOptions) {
    super(view, options);
    this.#options = options;
  }

  protected tell({ concern }: Said): void {
    if (!concern) return;
    const { desk, devices } = this.#options;
    const links = desk.entry(concern.device).links.filter((link) => link.startsWith(DEV));
    devices.link(
      concern.device,
      links.map((link) => link.slice(DEV.length)),
    );
  }

  flush(): void {
    // nothing waits
  }
}
