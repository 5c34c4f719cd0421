import type { Target, UdevDirectory } from "@uevent-bridge/kernel";

import { BridgeError, asBridgeError } from "./errors.js";
import type { Host } from "./host.js";

/** A directory of the host that a running container's programs of libudev find, as long as it is attached. */
export class Placement {
  readonly #host: Host;
  readonly #directory: UdevDirectory | undefined;
  readonly #onWarning: (warning: BridgeError) => void;
  #takeAway: (() => Promise<void>) | undefined;
  #left: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(host: Host, directory: UdevDirectory | undefined, onWarning: (warning: BridgeError) => void) {
    this.#host = host;
    this.#directory = directory;
    this.#onWarning = onWarning;
  }

  /** Has them find it, if its engine did not. */
  place(target: Target): Promise<void> {
    const placed = this.#place(target);
    this.#leave(placed); // it may be detached meanwhile
    return placed;
  }

  /** Takes back what was placed. */
  takeAway(): void {
    if (this.#takeAway) this.#leave(this.#takeAway());
    this.#takeAway = undefined;
  }

  /** Resolves when nothing of ours is left in the container: what others take away is not waited for. */
  async left(): Promise<void> {
    await this.#left;
  }

  close(): void {
    this.#closed = true;
    this.takeAway();
  }

  async #place(target: Target): Promise<void> {
    if (!this.#directory || this.#closed) return;
    try {
      const takeAway = await target.placeUdev(this.#directory);
      if (this.#closed) await takeAway?.();
      else this.#takeAway = takeAway;
    } catch (error) {
      this.#onWarning(inOurs(error)); // those who listen are told all the same
    }
  }

  #leave(work: Promise<void>): void {
    this.#left = Promise.allSettled([this.#left, work]); // what failed went with its namespace
    this.#host.leaving(work);
  }
}

function inOurs(error: unknown): BridgeError {
  const ours = asBridgeError(error);
  if (ours instanceof BridgeError) return ours;
  throw error;
}
