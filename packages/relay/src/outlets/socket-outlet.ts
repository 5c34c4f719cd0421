import type { Datagram } from "../datagram.js";
import type { News } from "../entry.js";
import type { Concern } from "../concern.js";
import type { View } from "../view.js";
import { Outlet } from "../outlet.js";
import { whatIsSaid } from "./merge.js";
import type { PeerQueueOptions } from "./peer-queue.js";
import { PeerQueue } from "./peer-queue.js";

/** What an outlet to one listener needs, and whom it tells that something was lost. */
export type ListenerOptions = Omit<PeerQueueOptions, "onDrained">;

/** A listener's socket, in the kernel's form: each event is one datagram with a SEQNUM of this outlet's own. */
export class SocketOutlet extends Outlet {
  readonly #queue: PeerQueue;
  readonly #onGap: (lost: number) => void;
  #seqnum: number;

  constructor(view: View, options: ListenerOptions) {
    super(view, options.account);
    this.#seqnum = options.account?.before?.seq ?? 0;
    this.#onGap = options.onGap;
    this.#queue = new PeerQueue({ ...options, onDrained: () => this.catchUp() });
  }

  protected get idle(): boolean {
    return this.#queue.idle;
  }

  protected accept(datagram: Datagram, concern: Concern | undefined, news: News | undefined): boolean {
    if (!this.#queue.makeRoom()) return false;
    const seq = ++this.#seqnum;
    this.#queue.push(datagram, { seq, news, what: whatIsSaid(datagram, concern) }, seq);
    return true;
  }

  protected override gap(lost: number): void {
    this.#seqnum += lost; // the step says how many were lost
    this.#onGap(lost);
  }

  flush(): void {
    this.#queue.flush();
  }

  close(): void {
    this.#queue.close();
  }
}
