import { decode, isMalformed } from "@uevent-bridge/uevent";
import type { DeviceView, Shown } from "@uevent-bridge/view";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { KnownDevice, Opener } from "../known-device.js";
import type { Concern } from "../concern.js";
import type { View } from "../view.js";
import { Outlet } from "../outlet.js";

export interface ViewOptions {
  readonly devices: DeviceView<KnownDevice>;
  /** What of a device is to be had; undefined if it has no node. */
  readonly shownOf: (device: KnownDevice) => Shown | undefined;
}

/**
 * What a container has of its devices: its `/dev`, and the right to open them. It is told before all others, and never waits: who is
 * told of a device can open it, and who is told that it went cannot any more.
 */
export class ViewOutlet extends Outlet implements Opener {
  readonly #options: ViewOptions;
  override readonly isKeptHere = true;
  readonly #opened = new Set<KnownDevice>();
  #isComplete = false;

  constructor(view: View, options: ViewOptions) {
    super(view);
    this.#options = options;
  }

  protected readonly idle = true;

  protected accept(datagram: Datagram, concern: Concern | undefined): boolean {
    const event = decode(payload(datagram));
    if (concern && !isMalformed(event)) this.#follow(event.action, concern.device);
    return true;
  }

  /** Its number may be another device's by now. */
  leaves(device: KnownDevice): void {
    this.#options.devices.revoke(device);
  }

  protected override caughtUp(): void {
    if (!this.#isComplete) this.#options.devices.caughtUp();
    this.#isComplete = true;
  }

  /** The rules say other words than before. */
  refresh(): void {
    for (const device of this.told()) this.#follow("change", device);
  }

  flush(): void {
    // nothing waits
  }

  close(): void {
    for (const device of this.#opened) device.openers?.delete(this);
    this.#options.devices.close();
  }

  #follow(action: string, device: KnownDevice): void {
    const { devices, shownOf } = this.#options;
    if (device.isLeaving && action !== "remove") return;
    const shown = action === "remove" ? undefined : shownOf(device);
    if (shown) {
      this.#opened.add(device);
      (device.openers ??= new Set()).add(this);
      devices.show(device, shown);
    } else {
      this.#opened.delete(device);
      device.openers?.delete(this);
      devices.hide(device);
    }
  }
}
