import { checkedPairs } from "./check.js";
import { decode } from "./decode.js";
import type { KernelUevent } from "./kernel-uevent.js";
import { latin1 } from "./latin1.js";
import { type Malformed, isMalformed } from "./malformed.js";
import type { Pairs } from "./pairs.js";
import { parseSeqnum } from "./seqnum.js";
import { toText } from "./text.js";

/** What the kernel does with a device today, and what it may come to do. */
export type Action = "add" | "remove" | "change" | "move" | "online" | "offline" | "bind" | "unbind" | (string & {});

/** One event, as people and programs get it. */
export interface Uevent {
  readonly kind: "event";
  readonly action: Action;
  readonly devpath: string;
  readonly subsystem: string;
  /** u64 in the kernel; 0 if the datagram has none. */
  readonly seqnum: bigint;
  /** All pairs as UTF-8; a byte that is not valid UTF-8 is U+DC00 + byte. */
  readonly env: ReadonlyMap<string, string>;
  /** The datagram: the truth. */
  readonly bytes: Uint8Array;
  toJSON(): UeventJson;
}

/** An event as one line of JSON has it. */
export interface UeventJson {
  type: "event";
  action: string;
  devpath: string;
  subsystem: string;
  seqnum: number;
  env: Record<string, string>;
}

/** The event of a datagram in the kernel's form, fully checked. The bytes are copied; its `env` is made when first asked for. */
export function toUevent(bytes: Uint8Array): Uevent | Malformed {
  const event = decode(bytes);
  if (isMalformed(event)) return event;
  const pairs = checkedPairs(event);
  return isMalformed(pairs) ? pairs : new DecodedUevent(event, pairs);
}

/** All pairs of an event as text, or what is wrong with them. */
export function env(event: KernelUevent): ReadonlyMap<string, string> | Malformed {
  const pairs = checkedPairs(event);
  return isMalformed(pairs) ? pairs : textOf(pairs);
}

class DecodedUevent implements Uevent {
  readonly kind = "event";
  readonly action: string;
  readonly devpath: string;
  readonly subsystem: string;
  readonly seqnum: bigint;
  readonly bytes: Uint8Array;
  readonly #pairs: Pairs;
  #env: ReadonlyMap<string, string> | undefined;

  constructor(event: KernelUevent, pairs: Pairs) {
    this.action = event.action;
    this.devpath = toText(event.devpath);
    this.subsystem = toText(event.subsystem);
    this.seqnum = parseSeqnum(pairs.get("SEQNUM") ?? "0") as bigint; // checked with the pairs
    this.bytes = latin1.encode(event.text);
    this.#pairs = pairs;
  }

  get env(): ReadonlyMap<string, string> {
    return (this.#env ??= textOf(this.#pairs));
  }

  toJSON(): UeventJson {
    const { action, devpath, subsystem } = this;
    return {
      type: "event",
      action,
      devpath,
      subsystem,
      seqnum: Number(this.seqnum),
      env: Object.fromEntries(this.env),
    };
  }
}

function textOf(pairs: Pairs): ReadonlyMap<string, string> {
  const text = new Map<string, string>();
  for (const [key, value] of pairs) text.set(toText(key), toText(value));
  return text;
}
