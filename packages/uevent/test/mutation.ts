import fc from "fast-check";

/** A change of a datagram, at its n-th place of interest. */
export type Mutation = (text: string, place: number) => string;

const STRUCTURE = ["\0", "=", "@", "/", "../", "/.", " ", "0", "\0\0", "=\0"];
const VALUES = ["", "0", "00", ".", "..", "a/b", "a", "-1", "99999999999999999999"];

/** Offsets at which something begins or ends: pairs, keys, values, segments, fields of udev's header. */
function places(text: string): number[] {
  const found = [0, 8, 12, 16, 20, 24, 28, 32, 36, 40].filter((offset) => offset < text.length);
  for (const { index } of text.matchAll(/[\0=@/]/g)) found.push(index, index + 1);
  return found;
}

function at(text: string, place: number): number {
  const all = places(text);
  return all[place % all.length] ?? 0;
}

function splice(text: string, start: number, count: number, inserted: string): string {
  return text.slice(0, start) + inserted + text.slice(start + count);
}

/** The pair in which an offset is: from behind the NUL before it up to its own NUL. */
function pairAround(text: string, offset: number): [start: number, end: number] {
  const start = text.lastIndexOf("\0", Math.max(0, offset - 1)) + 1;
  return [start, text.indexOf("\0", start) + 1];
}

const insert = fc.constantFrom(...STRUCTURE).map<Mutation>((part) => (text, n) => splice(text, at(text, n), 0, part));
const replace = fc.constantFrom(...STRUCTURE).map<Mutation>((part) => (text, n) => splice(text, at(text, n), 1, part));
const remove = fc.nat(12).map<Mutation>((count) => (text, n) => splice(text, at(text, n), count, ""));
const setValue = fc.constantFrom(...VALUES).map<Mutation>((value) => (text, n) => {
  const [start, end] = pairAround(text, at(text, n));
  const eq = text.indexOf("=", start);
  return eq < 0 || eq > end ? text : splice(text, eq + 1, end - eq - 2, value);
});
const removePair = fc.constant<Mutation>((text, n) => {
  const [start, end] = pairAround(text, at(text, n));
  return splice(text, start, end - start, "");
});
const repeatPair = fc.nat(3).map<Mutation>((power) => (text, n) => {
  const [start, end] = pairAround(text, at(text, n));
  return splice(text, end, 0, text.slice(start, end).repeat(8 ** power));
});
const setByte = fc
  .nat(255)
  .map<Mutation>((byte) => (text, n) => splice(text, at(text, n), 1, String.fromCharCode(byte)));
const cut = fc.constant<Mutation>((text, n) => text.slice(0, at(text, n)));

const mutation = fc.oneof(insert, replace, remove, setValue, removePair, repeatPair, setByte, cut);

/** The datagram in udev's form with a length in its header that is right again. */
export function refit(text: string): string {
  const length = Math.max(0, text.length - 40);
  return text.length < 24 ? text : splice(text, 20, 4, String.fromCharCode(length & 255, (length >> 8) & 255, 0, 0));
}

/** One to three mutations of one of these datagrams. */
export function mutated(datagrams: readonly string[]): fc.Arbitrary<string> {
  const steps = fc.array(fc.tuple(mutation, fc.nat(10_000)), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(fc.constantFrom(...datagrams), steps)
    .map(([datagram, list]) => list.reduce((text, [mutate, place]) => mutate(text, place), datagram));
}
