import { Packr } from "msgpackr";

import type { Said } from "./corpus.js";
import { datagram } from "./corpus.js";

const packr = new Packr({ useRecords: false });

export const hello = { kind: "hello", version: 1 };
export const synced = { kind: "synced" };

/** An event message; its number is in the datagram too. */
export function event(seq: number, said: Omit<Said, "seq"> = {}): { kind: string; seq: number; bytes: Uint8Array } {
  return { kind: "event", seq, bytes: datagram({ ...said, seq }) };
}

/** One datagram of these messages. */
export function pack(...messages: readonly object[]): Uint8Array {
  return Buffer.concat(messages.map((message) => packr.pack(message)));
}
