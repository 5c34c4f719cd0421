import type { DeviceTree, Source } from "@uevent-bridge/kernel";

import type { Registry } from "./registry.js";
import type { Difference } from "./registry-options.js";
import { Share } from "./share.js";
import type { Waiting } from "./waiting.js";

/** Stands for the host's own network namespace, whose number nobody needs. */
export const HOST_NETNS = 0n;

export interface FeedParts {
  readonly netns: bigint;
  readonly devices: DeviceTree;
  readonly registry: Registry;
  readonly source: Source;
  readonly waiting: Waiting<Uint8Array>;
}

/** The events of one network namespace and what they say that exists. */
export class Feed {
  readonly netns: bigint;
  readonly devices: DeviceTree;
  readonly registry: Registry;
  readonly source: Source;
  readonly waiting: Waiting<Uint8Array>;
  /** The kernel lost events for us, and `/sys` has not been read since. */
  overrun = false;
  /** How often in a row `/sys` could not be read. */
  unread = 0;
  /** Then it is read again. */
  readAgain: NodeJS.Timeout | undefined;
  /** Nothing was left to be heard when the last batch had been. */
  drained = false;
  /** Of what waits, so many say `move`: which device is at a path is not known before they have been applied. */
  movesWaiting = 0;
  /** `/sys` is being read: what the kernel says meanwhile waits in the source. */
  resyncing: Promise<void> | undefined;
  /** What it says waits in the source until somebody lets it. */
  isHeld = false;
  /** For what a container's root says in its own netns, as fast as it likes; the host's kernel is heard at once. */
  readonly #share: Share | undefined;
  #resume: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ netns, devices, registry, source, waiting }: FeedParts) {
    this.netns = netns;
    this.devices = devices;
    this.registry = registry;
    this.source = source;
    this.waiting = waiting;
    this.#share = netns === HOST_NETNS ? undefined : new Share();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get isHost(): boolean {
    return this.netns === HOST_NETNS;
  }

  /** Does what the source brought about. If that took too much of the time, the source waits until it is made up for. */
  take<T>(work: () => T): T {
    if (!this.#share) return work();
    try {
      return this.#share.take(work);
    } finally {
      if (this.#share.wait > 0 && !this.resyncing) this.resume();
    }
  }

  /** Reads `/sys`, which takes of the time too. */
  async enumerate(): Promise<Difference> {
    const since = performance.now();
    try {
      return await this.registry.enumerate();
    } finally {
      this.#share?.charge(since);
    }
  }

  /** Lets the source flow, as soon as it may. */
  resume(): void {
    clearTimeout(this.#resume);
    if (this.#closed || this.isHeld) return;
    const wait = this.#share?.wait ?? 0;
    if (wait === 0) return this.source.resume();
    this.source.pause();
    this.#resume = setTimeout(() => this.resume(), wait).unref();
  }

  pause(): void {
    clearTimeout(this.#resume);
    this.source.pause();
  }

  /** Resolves when `/sys` is not being read. */
  async resynced(): Promise<void> {
    while (this.resyncing) await this.resyncing;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#resume);
    clearTimeout(this.readAgain);
    this.source.close();
    this.devices.close();
  }
}
