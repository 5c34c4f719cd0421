import type { Peer, SocketDirectory, SocketEntry } from "@uevent-bridge/kernel";

import { BridgeError } from "./errors.js";
import type { Outlet } from "./outlet.js";

/** Milliseconds after which a socket that was seen before its `bind` was complete is tried again. */
const RETRY_MS = [5, 20, 100, 500];

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
  #retry: NodeJS.Timeout | undefined;
  #saidMore = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    options.directory.onChange(() => this.look());
    this.look();
  }

  /** Compares the directory with who is told. */
  look(): void {
    const { entries, more } = this.#options.directory.list(this.#options.limit);
    if (more) this.#warnMore();
    const present = new Map(entries.map((entry) => [`${entry.inode} ${entry.name}`, entry]));
    for (const key of this.#byKey.keys()) if (!present.has(key)) this.#close(key);
    for (const [key, entry] of present) this.#consider(key, entry);
    this.#options.onChanged();
  }

  close(): void {
    clearTimeout(this.#retry);
    for (const key of this.#byKey.keys()) this.#close(key);
  }

  #consider(key: string, entry: SocketEntry): void {
    const known = this.#byKey.get(key);
    if (known?.outlet || (known && known.tries > RETRY_MS.length)) return;
    const subscription = known ?? { outlet: undefined, tries: 0 };
    this.#byKey.set(key, subscription);
    const peer = this.#options.directory.connect(entry);
    if (typeof peer === "object") {
      subscription.outlet = this.#options.open(entry, peer, () => this.#gone(subscription));
    } else {
      this.#tryAgain(subscription);
    }
  }

  #tryAgain(subscription: Subscription): void {
    const wait = RETRY_MS[subscription.tries++];
    if (wait === undefined) return; // dead: nobody has it open
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.look(), wait).unref();
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
