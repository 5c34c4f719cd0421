import type { Kernel } from "@uevent-bridge/kernel";

import type { Io } from "../command/io.js";
import type { DemoContainer } from "./container.js";

/** What the demo runs on: something that makes events, and containers that hear them. */
export interface Stage extends AsyncDisposable {
  /** Where the events come from, in a few words. */
  readonly title: string;
  readonly kernel: Kernel;
  /** The devpath of the device that will come and go. */
  readonly device: string;
  /** A device that is there all the time. */
  readonly bystander: string;
  /** What happens, one after another. */
  readonly steps: readonly (() => void)[];
  /** Starts a container whose program listens in a directory. */
  start(name: string, directory: string): Promise<DemoContainer>;
}

/** A way to come by events. */
export interface Rung {
  readonly name: string;
  /** The stage, or in a sentence why it cannot be had here. @param directory where all of the demo's files are made */
  open(io: Io, directory: string): Promise<Stage | string>;
}
