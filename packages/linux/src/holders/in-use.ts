import type { DeviceId, Holder, Holders } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { noPid } from "../errors.js";
import { endHolders } from "./end.js";
import { Freezer } from "./freezer.js";
import { holdersOf } from "./holders.js";
import type { First } from "./processes.js";

/** What the programs of a container have in use. */
export class InUse {
  readonly #addon: Addon;
  readonly #first: First | undefined;
  readonly #freezer: Freezer;

  /** @param first undefined if no process of it is known */
  constructor(addon: Addon, first: First | undefined) {
    this.#addon = addon;
    this.#first = first;
    this.#freezer = new Freezer(addon);
  }

  async holders(devices: readonly DeviceId[]): Promise<Holders> {
    return this.#first ? holdersOf(this.#addon, this.#first, devices) : { holders: [], more: true };
  }

  async end(devices: readonly DeviceId[]): Promise<readonly Holder[]> {
    return this.#first ? endHolders(this.#addon, this.#first, devices) : [];
  }

  /** @throws KernelError */
  async freeze(): Promise<void> {
    if (!this.#first) throw noPid();
    await this.#freezer.freeze(this.#first);
  }

  thaw(): void {
    this.#freezer.thaw(this.#first);
  }
}
