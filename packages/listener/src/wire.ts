import { Unpackr } from "msgpackr";

import type { Gap } from "./types.js";

/** The version of the msgpack form that this listener understands. */
export const WIRE_VERSION = 1;

/** One message of the msgpack form; docs/wire-formats.md says what each means. */
export type WireMessage =
  | { readonly kind: "hello"; readonly version: number }
  | WireEvent
  | { readonly kind: "gap"; readonly lost: Gap["lost"]; readonly where: "kernel" | "container" }
  | { readonly kind: "synced" }
  | { readonly kind: "damaged"; readonly reason: string };

export interface WireEvent {
  readonly kind: "event";
  /** 1, 2, 3 … since the last hello; lost events have numbers too. */
  readonly seq: number;
  /** A datagram in the kernel's form; a part of the received one: copy it to keep it. */
  readonly bytes: Uint8Array;
  /** False for an object below a device that is no device itself. */
  readonly device: boolean;
}

/**
 * The messages of a datagram, in order. Kinds that we do not know are left out. Whatever bytes come in, it does not throw:
 * `damaged` ends the list where the rest cannot be trusted.
 */
export function decodeWire(datagram: Uint8Array): WireMessage[] {
  const messages: WireMessage[] = [];
  try {
    unpackr.unpackMultiple(datagram, (value: unknown, start?: number, end?: number) => {
      const message = advanced(start, end) ? parse(value) : damaged("a map that ends before it begins");
      if (message) messages.push(message);
      return message?.kind !== "damaged";
    });
  } catch (error) {
    messages.push(damaged(error instanceof Error ? error.message : "no MessagePack"));
  }
  return messages;
}

const unpackr = new Unpackr({ useRecords: false, int64AsType: "number" });

/** msgpackr's extension for bundled strings can set the position back: it would read the same bytes for ever. */
function advanced(start = 0, end = 0): boolean {
  return end > start;
}

function parse(value: unknown): WireMessage | undefined {
  if (!isMap(value) || typeof value["kind"] !== "string") return damaged("not a map with a kind");
  switch (value["kind"]) {
    case "hello":
      return parseHello(value);
    case "event":
      return parseEvent(value);
    case "gap":
      return parseGap(value);
    case "synced":
      return { kind: "synced" };
    default:
      return undefined; // of a later relay
  }
}

function parseHello({ version }: WireMap): WireMessage {
  return isCount(version) ? { kind: "hello", version } : damaged("a hello without a version");
}

function parseEvent({ seq, bytes, device }: WireMap): WireMessage {
  if (!isCount(seq) || !(bytes instanceof Uint8Array)) return damaged("an event without its number or bytes");
  return { kind: "event", seq, bytes, device: device !== false };
}

function parseGap({ lost, where }: WireMap): WireMessage {
  if (!isCount(lost) && lost !== "unknown") return damaged("a gap that does not say how many were lost");
  return { kind: "gap", lost, where: where === "kernel" ? "kernel" : "container" };
}

type WireMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is WireMap {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function damaged(reason: string): WireMessage {
  return { kind: "damaged", reason };
}
