import type { Pairs } from "./pairs.js";
import { toText } from "./text.js";
import type { Uevent, UeventJson } from "./uevent.js";

/** The event of pairs that have been checked. */
export class DecodedUevent implements Uevent {
  readonly kind = "event";
  readonly action: string;
  readonly devpath: string;
  readonly subsystem: string;
  readonly seqnum: bigint;
  readonly bytes: Uint8Array;
  readonly #pairs: Pairs;
  #env: ReadonlyMap<string, string> | undefined;

  constructor(pairs: Pairs, bytes: Uint8Array) {
    this.action = textOf(pairs, "ACTION");
    this.devpath = textOf(pairs, "DEVPATH");
    this.subsystem = textOf(pairs, "SUBSYSTEM");
    this.seqnum = BigInt(pairs.get("SEQNUM") ?? "0"); // a number: checked with the pairs
    this.bytes = bytes;
    this.#pairs = pairs;
  }

  get env(): ReadonlyMap<string, string> {
    return (this.#env ??= envOf(this.#pairs));
  }

  toJSON(): UeventJson {
    const { action, devpath, subsystem } = this;
    const env = Object.fromEntries(this.env);
    return { type: "event", action, devpath, subsystem, seqnum: Number(this.seqnum), env };
  }
}

/** Pairs as text. */
export function envOf(pairs: Pairs): ReadonlyMap<string, string> {
  return new Map(Array.from(pairs, ([key, value]) => [toText(key), toText(value)]));
}

function textOf(pairs: Pairs, key: string): string {
  return toText(pairs.get(key) as string); // checked with the pairs
}
