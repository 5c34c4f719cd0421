import { made } from "../datagram.js";
import type { View } from "../view.js";
import type { Form } from "./form.js";
import { whatIsSaid } from "./merge.js";
import { PeerQueue } from "./peer-queue.js";
import type { PreparedOptions } from "./prepared-outlet.js";
import { PreparedOutlet } from "./prepared-outlet.js";
import type { Said } from "./preparation.js";
import type { ListenerOptions } from "./socket-outlet.js";

export interface UdevListenerOptions extends ListenerOptions, PreparedOptions {
  readonly bytes: Form["bytes"];
  /** Nobody would take it in this form. */
  readonly onTooLong: (bytes: Uint8Array) => void;
}

/** A listener's socket, in a form of udev's: each event is one datagram with a SEQNUM of this outlet's own. */
export class UdevSocketOutlet extends PreparedOutlet {
  readonly #options: UdevListenerOptions;
  readonly #queue: PeerQueue;
  #seqnum: number;

  constructor(view: View, options: UdevListenerOptions) {
    super(view, options, options.account);
    this.#seqnum = options.account?.before?.seq ?? 0;
    this.#options = options;
    this.#queue = new PeerQueue({ ...options, onDrained: () => this.catchUp() });
  }

  protected override get idle(): boolean {
    return super.idle && this.#queue.idle;
  }

  protected tell({ datagram, concern, news }: Said): void {
    const seq = ++this.#seqnum;
    const bytes = this.#options.bytes(datagram, concern?.device, seq);
    if (!bytes) this.#options.onTooLong(datagram.bytes.slice(datagram.start, datagram.end));
    else this.#queue.push(made(bytes), { seq, news, what: whatIsSaid(datagram, concern) });
  }

  protected override gap(lost: number): void {
    this.#seqnum += lost; // the step says how many were lost
    this.#options.onGap(lost);
  }

  flush(): void {
    this.#queue.flush();
  }

  override close(): void {
    super.close();
    this.#queue.close();
  }
}
