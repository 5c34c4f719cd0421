import type { Target } from "@uevent-bridge/kernel";

import { BridgeError } from "./errors.js";
import { HOST_NETNS } from "./feed.js";
import type { Host } from "./host.js";

export interface MembershipHooks {
  readonly onEnded: () => void;
  readonly onWarning: (warning: BridgeError) => void;
}

/** A container's namespaces, once it has started. */
export class Membership {
  readonly #host: Host;
  readonly #relaysNet: boolean;
  #target: Target | undefined;
  #leaveNetns: (() => void) | undefined;
  #closed = false;

  /** @param relaysNet true if it hears of its own net devices by us and not by its own kernel */
  constructor(host: Host, relaysNet: boolean) {
    this.#host = host;
    this.#relaysNet = relaysNet;
  }

  get target(): Target | undefined {
    return this.#target;
  }

  /** The inode of its network namespace, or what stands for the host's. */
  get netns(): bigint | undefined {
    return this.#target?.sharesHostNetns ? HOST_NETNS : this.#target?.netns;
  }

  /** Takes over an open target. */
  async enter(target: Target, { onEnded, onWarning }: MembershipHooks): Promise<void> {
    this.#target = target;
    void target.ended.then(() => this.#target === target && onEnded());
    if (!this.#relaysNet || target.sharesHostNetns) return;
    try {
      this.#leaveNetns = await this.#host.enterNetns(target);
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      onWarning(error); // all but its own net devices can be told
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
