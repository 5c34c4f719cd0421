import { setTimeout as pause } from "node:timers/promises";

import { heldAbove } from "./claiming.js";
import type { Container } from "./container.js";
import type { Host } from "./host.js";
import type { KnownDevice } from "./known-device.js";
import { barred, isPassing, notAttached, notHeld, wrongGrace } from "./transfer-errors.js";
import type { TransferOptions } from "./types.js";
import { checkName, closed, noDevice } from "./warnings.js";

const GRACE_MAX_MS = 2 ** 31 - 1; // what a timer takes

interface Transfer {
  readonly device: KnownDevice;
  readonly from: Container;
  readonly to: Container;
}

/** Devices that one container holds and another is to hold. */
export class Transfers {
  readonly #host: Host;
  readonly #get: (name: string) => Container | undefined;
  readonly #closed = new AbortController();

  constructor(host: Host, get: (name: string) => Container | undefined) {
    this.#host = host;
    this.#get = get;
  }

  /**
   * Hands a device over: its holder has nothing of it any more before the other one has anything. Where that fails half-way the holder
   * has it again, and where it is aborted.
   * @throws BridgeError HELD, NAME_INVALID, PATH_UNUSABLE, TARGET_GONE, POLICY_CONFLICT, CLOSED
   */
  async transfer(
    asked: string,
    name: string,
    { graceMs = 0, elsewhere = false, signal }: TransferOptions,
  ): Promise<void> {
    if (!(graceMs >= 0 && graceMs <= GRACE_MAX_MS)) throw wrongGrace(graceMs);
    checkName(name);
    const to = elsewhere ? this.#get(name) : this.#attached(name);
    const device = this.#host.find(asked, to?.netns);
    if (!device) throw noDevice(asked);
    const holder = this.#holderOf(device);
    if (holder === name) return;
    const from = this.#attached(holder);
    if (to && this.#host.selection.bars(to, device)) throw barred(to.name, device.devpath);
    await this.#letGo(device, from, graceMs, signal);
    if (!to) return this.#giveAway(device, from, name);
    this.#give({ device, from, to });
    await to.settled(this.#closed.signal);
  }

  close(): void {
    this.#closed.abort();
  }

  async #letGo(device: KnownDevice, from: Container, graceMs: number, asked?: AbortSignal): Promise<void> {
    asked?.throwIfAborted();
    const closing = this.#closed.signal;
    const signal = asked ? AbortSignal.any([closing, asked]) : closing;
    this.#host.selection.claims.reserve(device);
    this.#host.flush();
    try {
      await from.settled(signal);
      if (graceMs > 0) await pause(graceMs, undefined, { signal });
    } catch (error) {
      this.#handOn(device, from);
      if (closing.aborted) throw closed();
      throw asked?.aborted ? asked.reason : error;
    }
  }

  /** To one of another relay, which reads that it holds it. */
  #giveAway(device: KnownDevice, from: Container, name: string): void {
    const { selection } = this.#host;
    const words = selection.grantedTo(from, device);
    selection.ungrant(from, device);
    const isGiven = selection.claims.handAway(device, name, { ...words, exclusive: true });
    if (!isGiven && words) selection.grant(from, device, words);
    if (!isGiven) this.#handOn(device, from);
    this.#host.flush();
    if (device.node.device !== device) throw noDevice(device.devpath);
    if (!isGiven) throw notAttached(name);
  }

  /** After the grace time: is all still as it was? */
  #give({ device, from, to }: Transfer): void {
    const { selection } = this.#host;
    if (!to.isDetached && !selection.bars(to, device)) {
      const words = selection.grantedTo(from, device);
      selection.ungrant(from, device);
      selection.give(to, device, { ...words, exclusive: true });
    }
    this.#handOn(device, to.isDetached ? from : to);
    if (device.node.device !== device) throw noDevice(device.devpath);
    if (to.isDetached) throw notAttached(to.name);
    if (device.holder !== to.name) throw barred(to.name, device.devpath);
  }

  #handOn(device: KnownDevice, to: Container): void {
    this.#host.selection.claims.handOn(device, to);
    this.#host.flush();
  }

  #attached(name: string): Container {
    const container = this.#get(name);
    if (!container) throw notAttached(name);
    return container;
  }

  #holderOf(device: KnownDevice): string {
    const { claims } = this.#host.selection;
    if (claims.isPassing(device)) throw isPassing(device.devpath);
    if (device.holder !== undefined) return device.holder;
    throw notHeld(device.devpath, heldAbove(device));
  }
}
