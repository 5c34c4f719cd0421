import type { DeviceView } from "@uevent-bridge/view";

import type { KnownDevice } from "../known-device.js";
import type { View } from "../view.js";
import type { UdevDesk } from "../udev/desk.js";
import { KeptOutlet } from "./kept-outlet.js";
import type { PreparedOptions } from "./prepared-outlet.js";

const DEV = "/dev/";

export interface LinksOptions extends PreparedOptions {
  readonly desk: UdevDesk;
  readonly devices: DeviceView<KnownDevice>;
}

/** The links in a container's `/dev`, which udev knows of. It is told before those who say what udev does. */
export class LinksOutlet extends KeptOutlet {
  readonly #options: LinksOptions;

  constructor(view: View, options: LinksOptions) {
    super(view, options);
    this.#options = options;
  }

  protected keep(device: KnownDevice): void {
    const { desk, devices } = this.#options;
    const { links, priority } = desk.entry(device);
    const own = links.filter((link) => link.startsWith(DEV)).map((link) => link.slice(DEV.length));
    devices.link(device, own, priority);
  }

  protected drop(device: KnownDevice): void {
    this.#options.devices.link(device, []);
  }
}
