import { Packr } from "msgpackr";

import type { Datagram } from "../datagram.js";
import { made, numbered } from "../datagram.js";
import type { News } from "../entry.js";
import type { Concern } from "../concern.js";
import type { View } from "../view.js";
import { Outlet } from "../outlet.js";
import { PeerQueue } from "./peer-queue.js";
import type { ListenerOptions } from "./socket-outlet.js";

/** docs/wire-formats.md */
const WIRE_VERSION = 1;
const DATAGRAM_BYTES = 60 * 1024;

type WireMessage =
  | { readonly kind: "hello"; readonly version: number }
  | { readonly kind: "event"; readonly seq: number; readonly bytes: Uint8Array; readonly device?: false }
  | { readonly kind: "gap"; readonly lost: number }
  | { readonly kind: "synced" };

/** A listener's socket, in msgpack: several messages in one datagram, and holes that say so. */
export class MsgpackOutlet extends Outlet {
  readonly #queue: PeerQueue;
  readonly #onGap: (lost: number) => void;
  readonly #packr = new Packr({ useRecords: false, variableMapSize: true });
  #packed: Uint8Array[] = [];
  #bytes = 0;
  #news: News[] = []; // of what is packed
  #seq: number;

  constructor(view: View, options: ListenerOptions) {
    super(view, options.account);
    const { before } = options.account ?? {};
    this.#seq = before?.seq ?? 0;
    this.#onGap = options.onGap;
    this.#queue = new PeerQueue({ ...options, onDrained: () => this.catchUp() });
    if (this.#seq === 0) this.#pack({ kind: "hello", version: WIRE_VERSION });
  }

  protected get idle(): boolean {
    return this.#queue.idle && this.#packed.length === 0;
  }

  protected accept(datagram: Datagram, concern: Concern | undefined, news: News | undefined): boolean {
    if (!this.#queue.makeRoom()) return false; // what others have not read is no reason
    const seq = ++this.#seq;
    const isObject = concern === undefined;
    this.#pack({ kind: "event", seq, bytes: numbered(datagram, seq), ...(isObject && { device: false }) });
    if (news) this.#news.push(news);
    return true;
  }

  protected override gap(lost: number): void {
    this.#seq += lost;
    this.#pack({ kind: "gap", lost });
    this.#onGap(lost);
  }

  protected override caughtUp(): void {
    this.#pack({ kind: "synced" });
  }

  flush(): void {
    if (this.#packed.length === 0) return;
    const [bytes, news] = [Buffer.concat(this.#packed), this.#news];
    this.#packed = [];
    this.#bytes = 0;
    this.#news = [];
    this.#queue.push(made(bytes), { seq: this.#seq, news });
    this.#queue.flush();
  }

  close(): void {
    this.#queue.close();
  }

  #pack(message: WireMessage): void {
    const bytes = Uint8Array.from(this.#packr.pack(message));
    if (this.#bytes + bytes.length > DATAGRAM_BYTES) this.flush();
    this.#packed.push(bytes);
    this.#bytes += bytes.length;
    this.schedule();
  }
}
