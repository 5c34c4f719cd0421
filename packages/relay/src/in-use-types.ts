import type { Words } from "@uevent-bridge/filter";

import type { Change } from "./types.js";

/** What is done about programs that still have a device in use which the container may not see any more. */
export interface RevokeOptions {
  /**
   * `name`: they are named; `end`: those that have it open or mapped are ended, the container's first process too if it is one of them;
   * `freeze`: all programs of the container stand still, if one has it in use, until `thaw()` or `detach()`. Default: nothing, and it
   * stays open.
   */
  readonly open?: OnOpen;
}

export type OnOpen = "name" | "end" | "freeze";

/** What was taken out, and with `open`: who has it in use now. */
export interface Revocation extends Change {
  readonly openBy?: OpenBy;
  /** Of `end`: those that had it in use and have ended. */
  readonly ended?: readonly Holder[];
  /** The words with which this device had been granted to it, if it was with any. */
  readonly granted?: Words;
  /** All programs of the container stand still, by this call or one before. */
  readonly frozen?: true;
}

export interface OpenBy {
  readonly holders: readonly Holder[];
  /** True if there may be others: its process is not known, or not all of its programs could be looked at. */
  readonly more: boolean;
}

/** A program of a container that has a device in use. */
export interface Holder {
  /** As the host numbers it. */
  readonly pid: number;
  /** As it calls itself: the container's own words, control characters too. */
  readonly comm: string;
  /** Of the device, or of one below it. */
  readonly devpath: string;
  /** It has a descriptor of it, has it in its memory, or sees a file system of it at `place`. */
  readonly how: "open" | "mapped" | "mounted";
  readonly place?: string;
}
