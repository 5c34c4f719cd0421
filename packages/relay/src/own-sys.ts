import type { SysDirectory, Target } from "@uevent-bridge/kernel";

import { wordsFor } from "./claiming.js";
import type { Host } from "./host.js";
import type { KnownDevice } from "./known-device.js";
import type { View } from "./view.js";
import { SysOutlet } from "./outlets/sys-outlet.js";
import { Placed } from "./placed.js";
import type { Subscriber } from "./selection.js";
import type { DeliveryChoice } from "./types.js";

export interface OwnSysOptions {
  /** Its `/sys`, open; owned from now on. */
  readonly directory: SysDirectory;
  readonly subscriber: Subscriber;
  /** This is still to be done in the container. */
  readonly onLeaving: (work: Promise<void>) => void;
  readonly onTrouble: (error: unknown) => void;
}

/** What a container has of its devices in its `/sys`. */
export class OwnSys {
  readonly outlet: SysOutlet;
  readonly #options: OwnSysOptions;
  readonly #placed: Placed;

  constructor(host: Host, view: View, options: OwnSysOptions) {
    const { directory, subscriber, onLeaving, onTrouble } = options;
    this.#options = options;
    this.#placed = new Placed(onLeaving);
    this.outlet = new SysOutlet(view, {
      directory,
      sees: (device) => host.selection.sees(subscriber, device),
      writableOf: (device) => this.#writableOf(device),
      onTrouble,
    });
  }

  get choice(): DeliveryChoice {
    const { path } = this.#options.directory;
    return { channel: "sysfs", choice: path, reason: "it shows what the container may see" };
  }

  /** The container has started: its network devices are known. @throws KernelError */
  prepare(target: Target): void {
    this.#options.directory.showNetwork(target);
  }

  /** Has a running container find it, if its engine did not. @throws KernelError */
  place(target: Target): Promise<void> {
    return this.#placed.place(target.placeSys(this.#options.directory));
  }

  leave(): void {
    this.#placed.leave();
  }

  close(): void {
    this.#placed.close(() => this.outlet.close());
  }

  #writableOf(device: KnownDevice): readonly string[] {
    try {
      return wordsFor(this.#options.subscriber, device).sysfs ?? [];
    } catch (error) {
      this.#options.onTrouble(error);
      return []; // rules contradict each other: nothing is writable
    }
  }
}
