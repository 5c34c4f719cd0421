import { type Malformed, malformed } from "./malformed.js";
import { isSeqnum } from "./seqnum.js";

/** Keys and values in the datagram's order, latin1. */
export type Pairs = ReadonlyMap<string, string>;

/** Takes `KEY=VALUE\0`… apart from `start` on, and finds what is wrong with it. */
export function parsePairs(text: string, start: number): Pairs | Malformed {
  const pairs = new Map<string, string>();
  for (let at = start, end, count = 1; at < text.length; at = end + 1, count++) {
    end = text.indexOf("\0", at);
    const eq = text.indexOf("=", at); // the first one: a value may contain "="
    if (end === at) return malformed("empty-pair", at);
    if (eq < 0 || eq > end) return malformed("no-equals", at);
    if (eq === at) return malformed("empty-key", at);
    const key = text.substring(at, eq);
    const value = text.substring(eq + 1, end);
    if (key === "SEQNUM" && !isSeqnum(value)) return malformed("bad-seqnum", eq + 1);
    if (pairs.set(key, value).size !== count) return malformed("duplicate-key", at);
  }
  return pairs;
}

/** The value of the first pair with this key at or after the NUL at `start`. */
export function findValue(text: string, key: string, start: number): string | undefined {
  const valueStart = findValueStart(text, key, start);
  return valueStart < 0 ? undefined : text.slice(valueStart, text.indexOf("\0", valueStart));
}

/** Where that value begins; -1 if there is no such pair. */
export function findValueStart(text: string, key: string, start: number): number {
  const at = text.indexOf(`\0${key}=`, start);
  return at < 0 ? -1 : at + key.length + 2;
}
