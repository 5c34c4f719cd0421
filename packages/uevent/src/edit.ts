import { latin1 } from "./latin1.js";

/** A part of a datagram and what stands in its place afterwards. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The same datagram with another SEQNUM, wherever that is; at the end if it had none. No other byte changes. */
export function replaceSeqnum(bytes: Uint8Array, seqnum: bigint | number): Uint8Array {
  const [pair] = pairsOf(bytes, "SEQNUM");
  if (!pair) return apply(bytes, [{ start: bytes.length, end: bytes.length, text: `SEQNUM=${seqnum}\0` }]);
  return apply(bytes, [{ start: pair.valueStart, end: pair.end - 1, text: `${seqnum}` }]);
}

/** The same datagram without SEQNUM: the kernel appends its own to what is injected. */
export function withoutSeqnum(bytes: Uint8Array): Uint8Array {
  const pairs = pairsOf(bytes, "SEQNUM");
  return apply(
    bytes,
    pairs.map(({ start, end }) => ({ start, end, text: "" })),
  );
}

/** The same datagram with another action in its header and its ACTION pair. */
export function withAction(bytes: Uint8Array, action: string): Uint8Array {
  const header = { start: 0, end: bytes.indexOf("@".charCodeAt(0)), text: action };
  const pairs = pairsOf(bytes, "ACTION");
  return apply(bytes, [
    header,
    ...pairs.map(({ valueStart, end }) => ({ start: valueStart, end: end - 1, text: action })),
  ]);
}

/** The same datagram with another name for the device's node, if it says one. @param name latin1, as in a datagram */
export function withDevname(bytes: Uint8Array, name: string): Uint8Array {
  const pairs = pairsOf(bytes, "DEVNAME");
  return apply(
    bytes,
    pairs.map(({ valueStart, end }) => ({ start: valueStart, end: end - 1, text: name })),
  );
}

/** Where the pairs with this key are, their NUL included. */
function pairsOf(bytes: Uint8Array, key: string): { start: number; valueStart: number; end: number }[] {
  const text = latin1.decode(bytes, 0, bytes.length);
  const found = [];
  for (let at = text.indexOf(`\0${key}=`); at >= 0; at = text.indexOf(`\0${key}=`, at + 1)) {
    const start = at + 1;
    found.push({ start, valueStart: start + key.length + 1, end: text.indexOf("\0", start) + 1 });
  }
  return found;
}

/** Copies, with each part replaced; the parts are in order and do not overlap. */
function apply(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const grown = edits.reduce((sum, { start, end, text }) => sum + text.length - (end - start), 0);
  const result = new Uint8Array(bytes.length + grown);
  let from = 0;
  let to = 0;
  for (const { start, end, text } of edits) {
    result.set(bytes.subarray(from, start), to);
    to += start - from;
    result.set(latin1.encode(text), to);
    to += text.length;
    from = end;
  }
  result.set(bytes.subarray(from), to);
  return result;
}
