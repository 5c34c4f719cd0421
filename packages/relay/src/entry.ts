import type { Ledger, Mark } from "@uevent-bridge/kernel";

import type { Version } from "./version.js";

/** What a receiver knows once it has been sent a datagram. */
export type News =
  | { readonly version: Version; readonly isGone: boolean }
  | { readonly from: string; readonly to: string }
  | readonly News[];

/** A datagram, with the number of the last event in it, and what its receiver knows then. */
export interface Numbered {
  readonly seq: number;
  readonly news: News | undefined;
  /** SEQNUM of the host's last event when it was taken; undefined: now. */
  readonly at?: number;
}

const NOTHING_NEW: Numbered = { seq: 0, news: undefined };

/** A datagram that is written down when it is sent. */
export class Entry implements Mark, Numbered {
  readonly ledger: Ledger;
  readonly outlet: number;
  readonly seq: number;
  readonly note: number;
  readonly news: News | undefined;
  readonly at: number;

  constructor(ledger: Ledger, outlet: number, note: number, { seq, news, at = 0 }: Numbered) {
    this.ledger = ledger;
    this.outlet = outlet;
    this.seq = seq;
    this.note = note;
    this.news = news;
    this.at = at;
  }
}

/** What was pushed with a mark. */
export function numberedBy(mark: Mark | undefined): Numbered {
  return mark instanceof Entry ? mark : NOTHING_NEW;
}
