import { decode, isMalformed } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { Concern } from "../concern.js";
import { PreparedOutlet } from "./prepared-outlet.js";
import type { Said } from "./preparation.js";

/**
 * Keeps on this host what udev knows of a container's devices. It waits for udev where something comes or changes; what goes is taken
 * away at once, so that it is gone before others say so.
 */
export abstract class KeptOutlet extends PreparedOutlet {
  override readonly isKeptHere = true;
  #isFull = false;
  #isAccepting = false;

  /** What is to be said of it is known. */
  protected abstract keep(device: KnownDevice): void;
  protected abstract drop(device: KnownDevice): void;

  /** What goes does not wait for what is being prepared. */
  protected override get idle(): boolean {
    return !this.#isFull;
  }

  protected override accept(datagram: Datagram, concern: Concern | undefined): boolean {
    if (!concern) return true; // of an object that is no device nothing is kept
    if (!isRemove(datagram)) return this.#prepare(datagram, concern);
    this.drop(concern.device);
    return true;
  }

  protected tell({ concern }: Said): void {
    this.#isFull = false;
    if (concern && (this.#isAccepting || this.hasTold(concern.device))) this.keep(concern.device); // it may have gone meanwhile
  }

  flush(): void {
    // nothing waits
  }

  #prepare(datagram: Datagram, concern: Concern): boolean {
    this.#isAccepting = true;
    this.#isFull = !super.accept(datagram, concern);
    this.#isAccepting = false;
    return !this.#isFull;
  }
}

function isRemove(datagram: Datagram): boolean {
  const event = decode(payload(datagram));
  return !isMalformed(event) && event.action === "remove";
}
