import type { Datagram } from "./datagram.js";
import { made, withOtherAction } from "./datagram.js";
import type { KnownDevice } from "./known-device.js";
import type { Replay } from "./replay.js";
import type { Transition } from "./transition.js";
import type { Selection } from "./selection.js";

/** Tells what an event did to those who may see it: which bytes go where. */
export class Teller {
  readonly #selection: Selection;
  readonly #replay: Replay;

  constructor(selection: Selection, replay: Replay) {
    this.#selection = selection;
    this.#replay = replay;
  }

  /** Nobody may open these any more: whose number is whose is known to the kernel alone now. */
  leave(devices: Iterable<KnownDevice>): void {
    if (this.#replay.isOn) return; // they have left long ago, and what is there now may be opened
    for (const device of devices) {
      device.isLeaving = true;
      for (const opener of device.openers ?? []) opener.leaves(device);
    }
  }

  tell(transition: Transition, datagram: Datagram): void {
    if ("unsaid" in transition) this.leave(transition.unsaid ?? []);
    if (transition.kind === "removed") this.leave([transition.device]);
    if ("unsaid" in transition) this.#gone(transition.unsaid ?? []);
    switch (transition.kind) {
      case "said":
        return this.#said(transition.device, transition.as ? withOtherAction(datagram, transition.as) : datagram);
      case "appeared":
        return this.#added(transition.device, made(transition.device.say("add")));
      case "removed":
        return this.#removed(transition.device, datagram);
      case "added":
      case "replaced":
        return this.#added(transition.device, datagram);
      case "moved":
        return this.#moved(transition.device, transition.from, datagram);
      case "object":
        return this.#object(transition.device, datagram);
      case "known":
      case "ignored":
    }
  }

  /** Devices of which the kernel did not say that they went. */
  #gone(devices: readonly KnownDevice[]): void {
    for (const device of devices) this.#removed(device, made(device.say("remove")));
  }

  #said(device: KnownDevice, datagram: Datagram): void {
    for (const container of this.#selection.audience(device)) {
      for (const outlet of container.outlets) outlet.said(device, datagram);
    }
  }

  #added(device: KnownDevice, datagram: Datagram): void {
    for (const container of this.#selection.audience(device)) {
      for (const outlet of container.outlets) outlet.added(device, datagram);
    }
    this.#unseen(device);
  }

  /** Who sees what it is below, and not the device. */
  #unseen(device: KnownDevice): void {
    const audience = this.#selection.audience(device);
    const above = device.parent ? this.#selection.audience(device.parent) : audience;
    if (above === audience) return; // as for most
    const seeing = new Set(audience);
    for (const container of above)
      if (!seeing.has(container)) for (const outlet of container.outlets) outlet.unseen(device);
  }

  #removed(device: KnownDevice, datagram: Datagram): void {
    for (const container of this.#selection.audience(device)) {
      for (const outlet of container.outlets) outlet.removed(device, datagram);
    }
  }

  #moved(device: KnownDevice, from: string, datagram: Datagram): void {
    for (const container of this.#selection.audience(device)) {
      for (const outlet of container.outlets) outlet.moved(device, from, datagram);
    }
    this.#movedUnseen(device);
  }

  /** Who sees something below a device that moved, but not the device, hears of a new path for it. */
  #movedUnseen(device: KnownDevice): void {
    const told = new Set(this.#selection.audience(device));
    for (const below of device.node.devices()) {
      for (const container of this.#selection.audience(below)) if (!told.has(container)) container.fallBehind();
    }
  }

  #object(device: KnownDevice, datagram: Datagram): void {
    for (const container of this.#selection.audience(device)) {
      for (const outlet of container.outlets) outlet.object(device, datagram);
    }
  }
}
