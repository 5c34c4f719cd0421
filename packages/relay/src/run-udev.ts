import type { Target, UdevDirectory } from "@uevent-bridge/kernel";

import type { Host } from "./host.js";
import type { View } from "./view.js";
import { Budget } from "./outlets/budget.js";
import { DatabaseOutlet } from "./outlets/database-outlet.js";
import { udevForm } from "./outlets/form.js";
import type { Share } from "./share.js";
import { UdevDatabase } from "./udev/database.js";

export interface RunUdevHooks {
  /** It could not be written. */
  readonly onTrouble: (error: unknown) => void;
  /** This is still to be done in the container. */
  readonly onLeaving: (work: Promise<void>) => void;
}

/** A container's `/run/udev`: a directory of the host, which its programs of libudev find there. */
export class RunUdev {
  readonly path: string;
  readonly #directory: UdevDirectory;
  readonly #hooks: RunUdevHooks;
  #outlet: DatabaseOutlet | undefined;
  #takeAway: (() => Promise<void>) | undefined;
  #closed = false;

  /** @param directory owned from now on */
  constructor(directory: UdevDirectory, hooks: RunUdevHooks) {
    this.path = directory.path;
    this.#directory = directory;
    this.#hooks = hooks;
  }

  /** Who keeps it in step; undefined if it was opened before. */
  openOutlet({ desk, limits }: Host, view: View, share: Share): DatabaseOutlet | undefined {
    if (this.#outlet) return undefined;
    const budget = new Budget(limits.waitingBytes);
    const database = new UdevDatabase(this.#directory, this.#hooks.onTrouble);
    const { prepare } = udevForm(desk);
    return (this.#outlet = new DatabaseOutlet(view, { prepare, desk, limits, share, budget, database }));
  }

  get outlet(): DatabaseOutlet | undefined {
    return this.#outlet;
  }

  /** Has a running container find it, if its engine did not. @throws KernelError */
  place(target: Target): Promise<void> {
    const placed = this.#place(target);
    this.#hooks.onLeaving(placed.catch(() => undefined)); // it may be closed meanwhile; who asked is told what went wrong
    return placed;
  }

  async #place(target: Target): Promise<void> {
    if (this.#closed) return;
    const takeAway = await target.placeUdev(this.#directory);
    if (this.#closed) await takeAway?.();
    else this.#takeAway = takeAway;
  }

  /** Takes back what was placed. */
  takeAway(): void {
    if (this.#takeAway) this.#hooks.onLeaving(this.#takeAway());
    this.#takeAway = undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outlet?.close();
    const takeAway = this.#takeAway;
    this.#takeAway = undefined;
    if (takeAway)
      this.#hooks.onLeaving(takeAway().finally(() => this.#leaveDirectory())); // while it is there it is in use
    else this.#leaveDirectory();
  }

  /** A container may write there, if its root is our own user: what goes wrong there is no reason for us to fail. */
  #leaveDirectory(): void {
    try {
      this.#directory.close();
    } catch (error) {
      this.#hooks.onTrouble(error);
    }
  }
}
