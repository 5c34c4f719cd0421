import type { Target } from "@uevent-bridge/kernel";

import type { BridgeError } from "./errors.js";
import { troubleOf } from "./errors.js";
import { HOST_NETNS } from "./feed.js";
import type { Host } from "./host.js";

/** A container's namespaces, once it has started. */
export class Membership {
  readonly #host: Host;
  #target: Target | undefined;
  #leaveNetns: (() => void) | undefined;
  #closed = false;

  constructor(host: Host) {
    this.#host = host;
  }

  get target(): Target | undefined {
    return this.#target;
  }

  /** The inode of its network namespace, or what stands for the host's. */
  get netns(): bigint | undefined {
    return this.#target?.sharesHostNetns ? HOST_NETNS : this.#target?.netns;
  }

  /** Takes over an open target. */
  enter(target: Target, onEnded: () => void): void {
    this.#target = target;
    void target.ended.then(() => this.#target === target && onEnded());
  }

  /** Its own net devices are told by us from now on. @throws BridgeError SYSTEM_REFUSED */
  async relayNet(onWarning: (warning: BridgeError) => void): Promise<void> {
    const target = this.#target;
    if (!target || target.sharesHostNetns) return;
    try {
      this.#leaveNetns = await this.#host.enterNetns(target);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.code === "SYSTEM_REFUSED") throw trouble; // another time it may not be refused
      onWarning(trouble); // all but its own net devices can be told
    }
    if (this.#closed) this.#leaveNetns?.();
  }

  /** As if it had not started. */
  leave(): void {
    this.#leaveNetns?.();
    this.#leaveNetns = undefined;
    this.#target?.close();
    this.#target = undefined;
  }

  close(): void {
    this.#closed = true;
    this.leave();
  }
}
