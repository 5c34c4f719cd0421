import type { Peer, SocketDirectory, SocketEntry } from "@uevent-bridge/kernel";

import { BridgeError } from "./errors.js";
import type { Outlet } from "./outlet.js";

/** Milliseconds after which a socket that was seen before its `bind` was complete is tried again. */
const RETRY_MS = [5, 20, 100, 500];
/** Milliseconds of one look, after which the newcomers that are left wait for the next. */
const LOOK_MS = 5;
/** Of the time, looks and the coldplugs that they bring may take one part in so many, */
const SHARE = 5;
/** but for so many milliseconds of it that may be taken in advance; */
const CREDIT_MS = 200;
/** and no look waits longer than this for its turn. */
const REST_MAX_MS = 1000;

export interface SubscriptionOptions {
  readonly directory: SocketDirectory;
  /** Listeners at the same time. */
  readonly limit: number;
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
  /** When the time that looks took is made up for: a container that changes its directory all the time gets its share. */
  #rested = 0;
  #saidMore = false;
  #closed = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    options.directory.onChange(() => this.#lookWhenDue());
    this.look();
  }

  /** Compares the directory with who is told. */
  look(): void {
    const begin = performance.now();
    this.#forgetNext();
    const { entries, more } = this.#options.directory.list(this.#options.limit);
    if (more) this.#warnMore();
    const present = new Map(entries.map((entry) => [`${entry.inode} ${entry.name}`, entry]));
    for (const [key, { outlet }] of this.#byKey) if (!present.has(key) && !(more && outlet)) this.#close(key);
    const isDone = this.#considerAll(present, begin + LOOK_MS);
    this.#rest(begin, performance.now());
    if (!isDone) this.#lookIn(0);
  }

  close(): void {
    this.#closed = true;
    this.#forgetNext();
    for (const key of this.#byKey.keys()) this.#close(key);
  }

  /** False if time was up before: a newcomer is told all that there is, and in between others are told events. */
  #considerAll(present: ReadonlyMap<string, SocketEntry>, until: number): boolean {
    for (const [key, entry] of present) {
      if (this.#closed || performance.now() > until) return false;
      if (this.#consider(key, entry)) this.#options.onChanged();
    }
    return true;
  }

  /** True if it is a listener that was not told before. */
  #consider(key: string, entry: SocketEntry): boolean {
    const known = this.#byKey.get(key);
    if (known?.outlet || (known && known.tries > RETRY_MS.length) || this.#isFull()) return false;
    const subscription = known ?? { outlet: undefined, tries: 0 };
    this.#byKey.set(key, subscription);
    const peer = this.#options.directory.connect(entry);
    if (typeof peer === "object") {
      subscription.outlet = this.#options.open(entry, peer, () => this.#gone(subscription));
    } else {
      this.#tryAgain(subscription);
    }
    return typeof peer === "object";
  }

  /** Of a directory with too many sockets those that are told already may not be among the ones that are listed. */
  #isFull(): boolean {
    const told = [...this.#byKey.values()].filter(({ outlet }) => outlet);
    return told.length >= this.#options.limit;
  }

  #tryAgain(subscription: Subscription): void {
    const wait = RETRY_MS[subscription.tries++];
    if (wait === undefined) return; // dead: nobody has it open
    this.#lookIn(wait);
  }

  #rest(begin: number, end: number): void {
    const rested = Math.max(begin, this.#rested) + SHARE * (end - begin);
    this.#rested = Math.min(rested, end + CREDIT_MS + REST_MAX_MS);
  }

  #lookWhenDue(): void {
    if (performance.now() < this.#rested - CREDIT_MS) this.#lookIn(0);
    else this.look();
  }

  #lookIn(ms: number): void {
    if (this.#closed) return;
    const now = performance.now();
    const at = Math.max(now + ms, this.#rested - CREDIT_MS);
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
    outlet.close();
    this.#options.onClosed(outlet);
  }

  #warnMore(): void {
    if (this.#saidMore) return;
    this.#saidMore = true;
    const { directory, limit } = this.#options;
    const remedy = "Unlink sockets that nobody reads; the others are told as before.";
    this.#options.onWarning(
      new BridgeError("PATH_UNUSABLE", `${directory.path} has more than ${limit} sockets; only these are told`, {
        remedy,
      }),
    );
  }
}
