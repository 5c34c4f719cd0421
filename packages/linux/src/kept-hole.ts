import { closeSync } from "node:fs";

import { Hole } from "@uevent-bridge/kernel";
import type { Batch } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import type { Keeper } from "./kept-source.js";

export const HOLE = "uevent-hole";

/** Has the process that comes after this one know of a hole behind what was read last: a descriptor that is kept has its name. */
export class KeptHole {
  /** As the process before left it. */
  readonly isLeft: boolean;
  readonly #addon: Addon;
  readonly #keeper: Keeper;
  readonly #hole: Hole;
  #fd: number; // of a file that is no other that is kept

  /** @param left what the process before had kept, or -1; owned from now on */
  constructor(addon: Addon, keeper: Keeper, left = -1) {
    this.#addon = addon;
    this.#keeper = keeper;
    this.#fd = left;
    this.isLeft = left >= 0;
    this.#hole = new Hole(this.isLeft);
  }

  /** Hears of all that is read, before anybody acts on it. */
  read(batch: Batch): void {
    if (!this.#hole.read(batch)) return;
    if (!this.#hole.isThere) return this.#keeper.forget(HOLE);
    if (this.#fd < 0) this.#fd = this.#addon.openMemory(1);
    if (this.#fd >= 0) this.#keeper.keep(HOLE, this.#fd); // where there is no descriptor left, nobody will know
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
