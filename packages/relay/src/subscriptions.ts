import type { Peer, SocketDirectory, SocketEntry } from "@uevent-bridge/kernel";

import { BridgeError } from "./errors.js";
import type { Outlet } from "./outlet.js";
import type { Share } from "./share.js";

/** Sockets that are looked at: far more than are told, so that the files of listeners that died are in nobody's way. */
const LISTED = 1024;
/** Milliseconds after which a socket that was seen before its `bind` was complete is tried again. */
const RETRY_MS = [5, 20, 100, 500];
/** Milliseconds of one look, beside the listing, after which the newcomers that are left wait for the next. */
const LOOK_MS = 5;

export interface SubscriptionOptions {
  readonly directory: SocketDirectory;
  /** For looks, and the coldplugs that they bring. */
  readonly share: Share;
  /** Listeners at the same time. */
  readonly limit: number;
  /** Who was told before has to be here before anything is told. */
  readonly isAwaited?: () => boolean;
  readonly open: (entry: SocketEntry, peer: Peer, onGone: () => void) => Outlet;
  readonly onClosed: (outlet: Outlet) => void;
  /** It has been compared: listeners may have come. */
  readonly onChanged: () => void;
  readonly onWarning: (warning: BridgeError) => void;
}

interface Subscription {
  outlet: Outlet | undefined;
  tries: number;
}

/** The directory is the subscription: a socket that is bound there is told, until it is unlinked or dies. */
export class Subscriptions {
  readonly #options: SubscriptionOptions;
  readonly #byKey = new Map<string, Subscription>();
  #next: NodeJS.Timeout | undefined;
  #nextAt = Infinity;
  #told = 0;
  #saidMore = false;
  #closed = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    options.directory.onChange(() => this.#lookWhenDue());
    this.look();
  }

  /** Compares the directory with who is told. */
  look(): void {
    this.#forgetNext();
    if (!this.#options.share.take(() => this.#compare())) this.#lookIn(0);
  }

  /** False if time was up before the end. */
  #compare(): boolean {
    const { entries, more } = this.#options.directory.list(LISTED);
    const until = this.#options.isAwaited?.() ? Infinity : performance.now() + LOOK_MS; // or a long list would leave no time for anybody in it
    if (more) this.#warnMore();
    const present = new Map(entries.map((entry) => [`${entry.inode} ${entry.name}`, entry]));
    for (const [key, { outlet }] of this.#byKey) if (!present.has(key) && !(more && outlet)) this.#close(key);
    return this.#considerAll(present, until);
  }

  close(): void {
    this.#closed = true;
    this.#forgetNext();
    for (const key of this.#byKey.keys()) this.#close(key);
  }

  /** False if not all were: a newcomer is told all that there is, and in between others are told events. */
  #considerAll(present: ReadonlyMap<string, SocketEntry>, until: number): boolean {
    const all = [...present];
    const newcomers = all.filter(([key]) => !this.#byKey.has(key));
    const unanswered = all.filter(([key]) => this.#isUnanswered(key));
    for (const [i, [key, entry]] of [...newcomers, ...unanswered].entries()) {
      if (this.#closed || (i > 0 && performance.now() > until)) return false; // each look comes further, however slow the machine
      if (this.#consider(key, entry)) this.#options.onChanged();
    }
    return true;
  }

  /** True if it was tried before and may be bound by now. */
  #isUnanswered(key: string): boolean {
    const known = this.#byKey.get(key);
    return known !== undefined && !known.outlet && known.tries <= RETRY_MS.length;
  }

  /** True if it is a listener that was not told before. */
  #consider(key: string, entry: SocketEntry): boolean {
    if (this.#told >= this.#options.limit) return this.#warnMore();
    const subscription = this.#byKey.get(key) ?? { outlet: undefined, tries: 0 };
    this.#byKey.set(key, subscription);
    const peer = this.#options.directory.connect(entry);
    if (typeof peer === "object") {
      subscription.outlet = this.#options.open(entry, peer, () => this.#gone(subscription));
      this.#told++;
    } else {
      this.#tryAgain(subscription);
    }
    return typeof peer === "object";
  }

  #tryAgain(subscription: Subscription): void {
    const wait = RETRY_MS[subscription.tries++];
    if (wait === undefined) return; // dead: nobody has it open
    this.#lookIn(wait);
  }

  #lookWhenDue(): void {
    if (this.#options.share.wait > 0) this.#lookIn(0);
    else this.look();
  }

  #lookIn(ms: number): void {
    if (this.#closed) return;
    const now = performance.now();
    const at = now + Math.max(ms, this.#options.share.wait);
    if (at >= this.#nextAt) return; // there is an earlier one
    this.#forgetNext();
    this.#nextAt = at;
    this.#next = setTimeout(() => this.#wake(), at - now).unref();
  }

  #wake(): void {
    this.#nextAt = Infinity;
    this.#lookWhenDue();
  }

  #forgetNext(): void {
    clearTimeout(this.#next);
    this.#nextAt = Infinity;
  }

  /** Its process died and left the file: the entry is remembered, so that it is not tried again. */
  #gone(subscription: Subscription): void {
    this.#closeOutlet(subscription);
    subscription.tries = RETRY_MS.length + 1;
  }

  #close(key: string): void {
    const subscription = this.#byKey.get(key);
    this.#byKey.delete(key);
    if (subscription) this.#closeOutlet(subscription);
  }

  #closeOutlet(subscription: Subscription): void {
    const { outlet } = subscription;
    subscription.outlet = undefined;
    if (!outlet) return;
    this.#told--;
    outlet.close();
    this.#options.onClosed(outlet);
  }

  #warnMore(): false {
    if (this.#saidMore) return false;
    this.#saidMore = true;
    const { directory, limit } = this.#options;
    const remedy = "Unlink sockets that nobody reads; the others are told as before.";
    this.#options.onWarning(
      new BridgeError("PATH_UNUSABLE", `${directory.path} has more than ${limit} sockets; only these are told`, {
        remedy,
      }),
    );
    return false;
  }
}
