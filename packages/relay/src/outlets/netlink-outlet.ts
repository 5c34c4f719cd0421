import { setTimeout as setTimeoutAsync } from "node:timers/promises";

import type { Injector, Outcome } from "@uevent-bridge/kernel";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { Limits } from "../limits.js";
import type { Outbox, Owner } from "../outbox.js";
import type { View } from "../outlet.js";
import { Outlet } from "../outlet.js";
import type { Doubt } from "../reconcile.js";
import { charge } from "./charge.js";
import { Readers } from "./readers.js";

/** Milliseconds between two looks at who reads, and at what they lost. */
const LOOK_MS = 250;
/** Milliseconds to wait for a reader whose buffer is half full. */
const PACE_MS = 2;

export interface NetlinkOptions {
  readonly outbox: Outbox;
  readonly injector: Injector;
  readonly limits: Limits;
  readonly onGap: (lost: number) => void;
  readonly onTooLong: (bytes: Uint8Array) => void;
  readonly onGone: () => void;
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly device: KnownDevice | undefined;
  readonly doubt: Doubt;
}

/**
 * The kernel's uevent group in a container's own network namespace. An injected event reaches all who read there;
 * whoever's buffer was full lost it, which only the reader's drop counter says.
 */
export class NetlinkOutlet extends Outlet implements Owner {
  readonly #options: NetlinkOptions;
  readonly #readers: Readers;
  #waiting: Waiting[] = [];
  /** Told since all readers were last seen to have read everything. */
  readonly #unread = new Map<KnownDevice, Doubt>();
  #room: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(view: View, options: NetlinkOptions) {
    super(view);
    this.#options = options;
    this.#readers = new Readers(options.limits.readerMs, options.injector.readers());
    this.#room = options.limits.readerBytes;
    options.outbox.open(options.injector, this);
    this.#lookAgain(LOOK_MS);
  }

  protected get idle(): boolean {
    return this.#waiting.length === 0;
  }

  protected accept(datagram: Datagram, device: KnownDevice | undefined, doubt: Doubt): boolean {
    if (this.#waiting.length >= this.#options.limits.queue) return false;
    this.#waiting.push({ bytes: payload(datagram).slice(), device, doubt });
    this.schedule();
    return true;
  }

  protected override gap(lost: number): void {
    this.#options.onGap(lost);
  }

  flush(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      if (this.#room <= 0 && !this.#look()) return this.#lookAgain(PACE_MS);
      this.#inject();
    }
  }

  /** Resolves when nothing waits, or after `readerMs`: a reader that does not read keeps nobody else waiting. */
  async settled(signal?: AbortSignal): Promise<void> {
    const until = performance.now() + this.#options.limits.readerMs;
    while ((this.#waiting.length > 0 || this.behind) && !this.#closed && performance.now() < until) {
      await setTimeoutAsync(PACE_MS, undefined, { signal });
    }
  }

  unsent(outcome: Exclude<Outcome, "sent">, bytes: Uint8Array): void {
    if (outcome === "too-long") this.#options.onTooLong(bytes);
    else if (outcome === "gone" || outcome === "denied") this.#options.onGone();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#options.outbox.close(this.#options.injector);
  }

  /** As many as there is room for: what was charged since the last look counts against it. */
  #inject(): void {
    let taken = 0;
    for (const { bytes, device, doubt } of this.#waiting) {
      if (this.#room <= 0) break;
      this.#options.outbox.push(this.#options.injector, { bytes, start: 0, end: bytes.length });
      this.#room -= charge(bytes.length);
      if (device && this.#unread.get(device) !== "existence") this.#unread.set(device, doubt);
      taken++;
    }
    this.#waiting.splice(0, taken);
    this.#options.outbox.flush();
  }

  /** Sees how far the readers are; false if one of them must be waited for. */
  #look(): boolean {
    const seen = this.#readers.look(this.#options.injector.readers());
    if (seen.lost > 0) this.#lostByReader(seen.lost);
    else if (seen.fullest === 0) this.#unread.clear();
    if (seen.someoneNew) this.forgetAll();
    this.#room = this.#options.limits.readerBytes - seen.fullest;
    return this.#room > 0;
  }

  #lostByReader(lost: number): void {
    this.#options.onGap(lost);
    for (const [device, doubt] of this.#unread) this.doubt(device, doubt);
    this.#unread.clear();
  }

  #lookAgain(ms: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#look();
      this.flush();
      if (this.behind) this.catchUp();
      if (this.#waiting.length === 0) this.#lookAgain(LOOK_MS);
    }, ms).unref();
  }
}
