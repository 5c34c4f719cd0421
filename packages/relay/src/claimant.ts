import type { Words } from "@uevent-bridge/filter";

import type { KnownDevice } from "./known-device.js";
import type { Subscriber } from "./selection.js";

/** Somebody who may hold devices: a container. */
export interface Claimant extends Subscriber {
  readonly name: string;
  /** The first attached has the lowest. */
  readonly rank: number;
  /** True if it has the device, or may still believe so. */
  knows(device: KnownDevice): boolean;
  /** It is to hold a device, and cannot while somebody else has it. */
  waits(device: KnownDevice, other: string): void;
}

/** Who is to hold a device and cannot, since `other` has it, or something above or below it. */
export interface Conflict {
  readonly device: KnownDevice;
  readonly other: string;
  /** Where that is written, if that one is attached elsewhere, or will be again. */
  readonly file?: string | undefined;
}

export interface ClaimsOptions {
  /** All who may know of a device, those too that are being attached or are leaving. */
  readonly everyone: () => Iterable<Claimant>;
  /** Whether its rules let somebody see the device, whoever holds it. */
  readonly allows: (subscriber: Subscriber, device: KnownDevice) => boolean;
  /** Those whose rules claim this device itself, and nothing above it. */
  readonly claimantsOf: (device: KnownDevice) => readonly Claimant[];
  /** With which words it was granted to somebody. */
  readonly grantedTo: (claimant: Claimant, device: KnownDevice) => Words | undefined;
  /** Has somebody hold it beside its rules. */
  readonly grant: (claimant: Claimant, device: KnownDevice, words: Words) => void;
  /** Who sees what is another now. */
  readonly onChanged: () => void;
}
