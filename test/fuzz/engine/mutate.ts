/** Numbers at which lengths, counts and offsets go wrong. */
const INTERESTING = [
  0,
  1,
  2,
  7,
  8,
  16,
  64,
  127,
  128,
  255,
  256,
  1024,
  4096,
  32767,
  32768,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 32 - 1,
];
const BYTES = Buffer.from("\0\n\r\t\x1b\x7f\x80\xff =@/.,:;%\\\"'[]{}|*?!-+_09azAZ", "latin1");
const STEPS_MAX = 6;

export type Random = (below: number) => number;

/** Numbers that follow from a seed: mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export interface Means {
  readonly random: Random;
  /** Texts and numbers of the code that is fuzzed. */
  readonly words: readonly Uint8Array[];
  readonly longest: number;
}

/** An input like `parent`, perhaps with a part of `other`. */
export function mutated(parent: Uint8Array, other: Uint8Array, means: Means): Uint8Array {
  let bytes = parent;
  for (let left = 1 + means.random(STEPS_MAX); left > 0; left--) bytes = step(bytes, other, means);
  return bytes.length > means.longest ? bytes.slice(0, means.longest) : bytes;
}

function step(bytes: Uint8Array, other: Uint8Array, { random, words }: Means): Uint8Array {
  const at = random(bytes.length + 1);
  const some = Math.min(bytes.length - at, random(random(4) === 0 ? bytes.length + 1 : 8));
  switch (random(10)) {
    case 0:
      return changed(bytes, at, (byte) => byte ^ (1 << random(8)));
    case 1:
      return changed(bytes, at, () => BYTES[random(BYTES.length)] ?? 0);
    case 2:
      return changed(bytes, at, (byte) => (random(2) === 0 ? byte + random(9) - 4 : random(256)));
    case 3:
      return joined(bytes, at, at + some, new Uint8Array()); // less
    case 4:
      return joined(bytes, at, at, bytes.subarray(at, at + some)); // twice
    case 5:
      return joined(
        bytes,
        at,
        at,
        new Uint8Array(random(random(2) === 0 ? 2 : 32)).fill(
          random(2) === 0 ? random(256) : (BYTES[random(BYTES.length)] ?? 0),
        ),
      );
    case 6:
      return joined(bytes, at, random(2) === 0 ? at : at + some, words[random(words.length)] ?? bytes);
    case 7:
      return joined(bytes, at, random(2) === 0 ? at : bytes.length, part(other, random));
    case 8:
      return withNumber(bytes, at, INTERESTING[random(INTERESTING.length)] ?? 0, random);
    default:
      return joined(bytes, at, at + digitsAt(bytes, at), Buffer.from(`${INTERESTING[random(INTERESTING.length)]}`));
  }
}

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = change(copy[at] ?? 0);
  return copy;
}

/** `between` in the place of what is there from `start` to `end`. */
function joined(bytes: Uint8Array, start: number, end: number, between: Uint8Array): Uint8Array {
  const result = new Uint8Array(start + between.length + bytes.length - end);
  result.set(bytes.subarray(0, start));
  result.set(between, start);
  result.set(bytes.subarray(end), start + between.length);
  return result;
}

function part(bytes: Uint8Array, random: Random): Uint8Array {
  const start = random(bytes.length + 1);
  return bytes.subarray(start, start + random(bytes.length - start + 1));
}

function digitsAt(bytes: Uint8Array, start: number): number {
  let end = start;
  while (end < bytes.length && (bytes[end] ?? 0) >= 48 && (bytes[end] ?? 0) <= 57) end++;
  return end - start;
}

/** A number of one, two, four or eight bytes, in one of both orders. */
function withNumber(bytes: Uint8Array, at: number, number: number, random: Random): Uint8Array {
  const size = 1 << random(4);
  if (at + size > bytes.length) return bytes;
  const copy = bytes.slice();
  const digits = Array.from({ length: size }, (_, i) => Math.floor(number / 256 ** i) & 255);
  copy.set(random(2) === 0 ? digits : digits.toReversed(), at);
  return copy;
}
