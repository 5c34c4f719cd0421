import type { FakeKernel, HungAttribute } from "@uevent-bridge/kernel/testing";

import type { Model } from "../world.js";
import { PLACES } from "../world.js";

const ATTRIBUTES = ["removable", "product"] as const;

/** Attributes that do not answer. */
export class Hangs {
  readonly #kernel: FakeKernel;
  readonly #model: Model;
  readonly #hung: { readonly devpath: string; readonly attribute: HungAttribute }[] = [];

  constructor(kernel: FakeKernel, model: Model) {
    this.#kernel = kernel;
    this.#model = model;
  }

  /** Some did not. */
  wereThere = false;

  get areThere(): boolean {
    return this.#hung.length > 0;
  }

  add(a: number, b: number): void {
    this.wereThere = true;
    const { devpath } = PLACES[a % PLACES.length]!;
    this.#hung.push({ devpath, attribute: this.#kernel.hang(devpath, ATTRIBUTES[b % 2]!) });
  }

  /** All answer. Who went without an answer counted it as absent until then, and looks again when its device changes. */
  release(): void {
    for (const { devpath, attribute } of this.#hung.splice(0)) {
      attribute.release();
      if (attribute.gaveUp && this.#model.devices.has(devpath)) this.#kernel.synthetic(devpath, "change");
    }
  }
}
