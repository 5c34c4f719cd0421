import type { Claimant, ClaimsOptions } from "./claimant.js";
import { heldAt } from "./claiming.js";
import type { KnownDevice } from "./known-device.js";

/** All containers of a relay, those too that are being attached or are leaving: who has what. */
export class Everyone {
  readonly #options: Pick<ClaimsOptions, "everyone" | "allows">;

  constructor(options: Pick<ClaimsOptions, "everyone" | "allows">) {
    this.#options = options;
  }

  named(name: string | undefined): Claimant | undefined {
    return this.#all().find((each) => each.name === name);
  }

  /** Who else has a device, or something above or below it, or has been told of it. */
  inTheWay(device: KnownDevice, claimant: Claimant): string | undefined {
    const above = heldAt(device)?.holder;
    if (above && above !== claimant.name) return above;
    const others = this.#all().filter((each) => each !== claimant);
    for (const below of device.node.devices()) {
      if (below.holder && below.holder !== claimant.name) return below.holder;
      const knowing = others.find((each) => each.knows(below));
      if (knowing) return knowing.name;
    }
    return undefined;
  }

  /** True if somebody has been told of a device, or of something below it. */
  knows(device: KnownDevice): boolean {
    const all = this.#all();
    return [...device.node.devices()].some((below) => all.some((each) => each.knows(below)));
  }

  /** Another one holds a device: whom that concerns is told. */
  fallBehind(device: KnownDevice): void {
    const devices = [...device.node.devices()];
    for (const each of this.#all())
      if (devices.some((below) => each.knows(below) || this.#options.allows(each, below))) each.fallBehind();
  }

  #all(): readonly Claimant[] {
    return [...this.#options.everyone()];
  }
}
