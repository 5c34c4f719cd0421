import type { Injector, Outcome } from "@uevent-bridge/kernel";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { Limits } from "../limits.js";
import type { Outbox, Owner } from "../outbox.js";
import type { Concern, Move, View } from "../outlet.js";
import { Outlet } from "../outlet.js";
import type { Share } from "../share.js";
import { Budget } from "./budget.js";
import { charge } from "./charge.js";
import { Readers } from "./readers.js";

/** Milliseconds between two looks at who reads, and at what they lost. */
const LOOK_MS = 250;
/** Milliseconds to wait for a reader whose buffer is half full. */
const PACE_MS = 2;

/** Paths of which it is remembered that somebody may not have read of them. */
const UNREAD_PATHS = 4096;
/** Bytes by which the window grows each time that all has been read: one event. */
const GROWTH_BYTES = 1280;

export interface NetlinkOptions {
  readonly outbox: Outbox;
  readonly injector: Injector;
  readonly limits: Limits;
  /** For looks and injections: each costs more the more sockets the container opens. */
  readonly share: Share;
  /** False: a reader that comes late is not told what there is. */
  readonly coldplug: boolean;
  readonly onGap: (lost: number) => void;
  readonly onTooLong: (bytes: Uint8Array) => void;
  readonly onGone: () => void;
}

interface Waiting {
  readonly bytes: Uint8Array;
  /** What readers know wrongly if they lose it. */
  readonly concern?: Concern | undefined;
  move?: Move;
}

/**
 * The kernel's uevent group in a container's own network namespace. An injected event reaches all who read there;
 * whoever's buffer was full lost it, which only the reader's drop counter says.
 */
export class NetlinkOutlet extends Outlet implements Owner {
  readonly #options: NetlinkOptions;
  readonly #readers: Readers;
  readonly #budget: Budget;
  #waiting: Waiting[] = [];
  #refused: Waiting[] = []; // of the last injection
  /** Told since all readers were last seen to have read everything. */
  readonly #unread = new Map<string, Concern>();
  /** Bytes that readers are trusted to hold: halved when one lost something, grown again while all keep up. */
  #window: number;
  #room: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(view: View, options: NetlinkOptions) {
    super(view);
    this.#options = options;
    this.#readers = new Readers(options.limits.readerMs, options.injector.readers());
    this.#budget = new Budget(options.limits.waitingBytes);
    this.#window = options.limits.readerBytes;
    this.#room = this.#window;
    options.outbox.open(options.injector, this);
    this.#lookAgain(LOOK_MS);
  }

  protected get idle(): boolean {
    return this.#waiting.length === 0;
  }

  protected accept(datagram: Datagram, concern: Concern | undefined): boolean {
    if (this.#budget.isSpent) return false;
    const bytes = payload(datagram).slice();
    this.#budget.take(bytes);
    this.#waiting.push({ bytes, concern });
    this.schedule();
    return true;
  }

  /** Its own kernel says what happens to the net devices of its namespace. */
  override added(device: KnownDevice, datagram: Datagram): void {
    if (device.netns === undefined) super.added(device, datagram);
  }

  protected override gap(lost: number): void {
    this.#options.onGap(lost);
  }

  protected override tookAlong(move: Move): void {
    const last = this.#waiting.at(-1);
    if (last) last.move = move;
  }

  flush(): void {
    this.#options.share.take(() => this.#flush());
  }

  override catchUp(): void {
    this.#options.share.take(() => super.catchUp());
  }

  #flush(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      if (this.#options.share.wait > 0) return this.#lookAgain(PACE_MS);
      if (this.#room <= 0 && !this.#look()) return this.#lookAgain(PACE_MS);
      if (!this.#inject()) return this.#lookAgain(PACE_MS);
    }
  }

  /** Resolves when nothing waits, or after `readerMs`: a reader that does not read keeps nobody else waiting. */
  async settled(signal?: AbortSignal): Promise<void> {
    const until = performance.now() + this.#options.limits.readerMs;
    while ((this.#waiting.length > 0 || this.behind) && !this.#closed && performance.now() < until) {
      signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  }

  unsent(outcome: Exclude<Outcome, "sent">, bytes: Uint8Array): void {
    if (outcome === "full")
      this.#refused.push({ bytes }); // what it concerns is remembered
    else if (outcome === "too-long") this.#options.onTooLong(bytes);
    else this.#options.onGone();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#options.outbox.close(this.#options.injector);
  }

  /** As many as there is room for: what was charged since the last look counts against it. False if some must wait. */
  #inject(): boolean {
    let taken = 0;
    for (const { bytes, concern, move } of this.#waiting) {
      if (this.#room <= 0) break;
      this.#options.outbox.push(this.#options.injector, { bytes, start: 0, end: bytes.length });
      this.#room -= charge(bytes.length);
      this.#budget.give(bytes);
      if (move) this.#follow(move);
      if (concern) this.#remember(concern);
      taken++;
    }
    this.#waiting.splice(0, taken);
    this.#options.outbox.flush();
    return this.#takeBack();
  }

  /** Behind an event that the kernel did not take it takes no other of the same flush. */
  #takeBack(): boolean {
    const refused = this.#refused;
    this.#refused = [];
    for (const { bytes } of refused) this.#budget.take(bytes);
    this.#waiting.unshift(...refused);
    return refused.length === 0;
  }

  /**
   * Who lost the `move` has to be told that nothing is left where it came from. Who lost something before it, but not the `move`,
   * took along what it knew wrongly.
   */
  #follow({ from, to, left }: Move): void {
    const taken = [...this.#unread.values()].filter(
      ({ devpath }) => devpath === from || devpath.startsWith(`${from}/`),
    );
    for (const concern of taken) this.#remember({ ...concern, devpath: to + concern.devpath.slice(from.length) });
    for (const concern of left) this.#remember(concern);
  }

  #remember(concern: Concern): void {
    const before = this.#unread.get(concern.devpath);
    const isSaid = concern.doubt === "state" && before?.device === concern.device;
    this.#unread.delete(concern.devpath); // so that the one that was told last is the last
    this.#unread.set(concern.devpath, isSaid ? before : concern);
    if (this.#unread.size <= UNREAD_PATHS) return;
    const [oldest] = this.#unread.keys(); // somebody has not read for very long
    if (oldest) this.#unread.delete(oldest);
  }

  /** Sees how far the readers are; false if one of them must be waited for. */
  #look(): boolean {
    const seen = this.#readers.look(this.#options.injector.readers());
    if (seen.someoneNew && this.#options.coldplug) this.tellAgain();
    if (seen.lost > 0) this.#lost(seen.lost);
    else if (seen.allRead) this.#allRead();
    this.#room = this.#window - seen.fullest;
    return this.#room > 0;
  }

  #lost(count: number): void {
    this.#options.onGap(count);
    this.#window = Math.max(1, this.#window >> 1); // 1: one event at a time, which any buffer holds
    for (const concern of this.#unread.values()) this.doubt(concern);
    this.#unread.clear();
  }

  #allRead(): void {
    this.#unread.clear();
    this.#window = Math.min(this.#options.limits.readerBytes, this.#window + GROWTH_BYTES);
  }

  #lookAgain(ms: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#options.share.take(() => this.#turn()),
      Math.max(ms, this.#options.share.wait),
    ).unref();
  }

  #turn(): void {
    this.#look();
    this.flush();
    if (this.behind) this.catchUp();
    if (this.#waiting.length === 0) this.#lookAgain(LOOK_MS);
  }
}
