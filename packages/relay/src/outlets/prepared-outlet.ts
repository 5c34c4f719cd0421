import type { Datagram } from "../datagram.js";
import type { Account } from "../account.js";
import type { News } from "../entry.js";
import type { KnownDevice } from "../known-device.js";
import type { Limits } from "../limits.js";
import type { Concern } from "../concern.js";
import type { View } from "../view.js";
import { Outlet } from "../outlet.js";
import type { Share } from "../share.js";
import { patiently } from "./patience.js";
import type { PreparationOptions, Said } from "./preparation.js";
import { Preparation } from "./preparation.js";

export interface PreparedOptions extends Omit<PreparationOptions, "onReady" | "limit"> {
  readonly limits: Limits;
  /** For catching up once it is known what is said with the first of it. */
  readonly share: Share;
}

/** Tells an event when it is known what udev says with it. */
export abstract class PreparedOutlet extends Outlet {
  readonly #share: Share;
  readonly #patienceMs: number;
  readonly #preparation: Preparation;
  #later: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(view: View, options: PreparedOptions, account?: Account) {
    super(view, account);
    this.#share = options.share;
    this.#patienceMs = options.limits.readerMs;
    const { waiting: limit } = options.limits;
    this.#preparation = new Preparation({ ...options, limit, onReady: (said) => this.#ready(said) });
  }

  /** What is said with it is known. */
  protected abstract tell(said: Said): void;

  protected get idle(): boolean {
    return this.#preparation.isEmpty;
  }

  protected accept(datagram: Datagram, concern: Concern | undefined, news?: News): boolean {
    return this.#preparation.add(datagram, concern, news) !== undefined;
  }

  override udevSaid(device: KnownDevice): void {
    this.doubt({ device, devpath: device.devpath, doubt: "state" });
  }

  override settled(signal?: AbortSignal): Promise<void> {
    const isDone = (): boolean => this.#closed || (this.#preparation.isEmpty && this.#later === undefined);
    return patiently(isDone, this.#patienceMs, signal);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#later);
  }

  #ready(said: Said): void {
    if (this.#closed) return;
    this.tell(said);
    this.#later ??= setTimeout(() => this.#goOn(), 0).unref();
  }

  #goOn(): void {
    this.#later = undefined;
    this.flush();
    if (this.behind) this.#catchUpWhenDue();
  }

  #catchUpWhenDue(): void {
    const { wait } = this.#share;
    if (wait === 0) this.#share.take(() => this.catchUp());
    else this.#later ??= setTimeout(() => this.#goOn(), wait).unref();
  }
}
