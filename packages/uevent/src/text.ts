// Bytes are latin1 strings here: one character is one byte.

/** Text of bytes that hold UTF-8; a byte that is not valid UTF-8 becomes U+DC00 + byte (U+DC80 … U+DCFF). */
export function toText(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  let text = "";
  for (let at = 0, length; at < bytes.length; at += length) {
    length = sequenceLength(bytes, at);
    const point = length === 1 ? escaped(bytes.charCodeAt(at)) : codePoint(bytes, at, length);
    text += String.fromCodePoint(point);
  }
  return text;
}

/** The exact inverse of `toText`. Other lone surrogates become U+FFFD, as with every encoder of UTF-8. */
export function fromText(text: string): string {
  if (isAscii(text)) return text;
  return Array.from(text, (character) => encoded(character.codePointAt(0) as number)).join("");
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

const ESCAPE = 0xdc00;
const REPLACEMENT = "\xef\xbf\xbd"; // U+FFFD

function escaped(byte: number): number {
  return byte < 0x80 ? byte : ESCAPE + byte;
}

/** The least code point that needs a sequence of this many bytes: a lesser one is not valid in it. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000] as const;

/** Bytes of the valid sequence that begins here; 1 if none does. */
function sequenceLength(bytes: string, at: number): number {
  const lead = bytes.charCodeAt(at);
  const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 1;
  for (let i = 1; i < length; i++) {
    if ((bytes.charCodeAt(at + i) & 0xc0) !== 0x80) return 1; // at the end: NaN, which counts as 0
  }
  const point = codePoint(bytes, at, length);
  const isValid = point >= (LEAST[length] as number) && point <= 0x10ffff && !isSurrogate(point);
  return isValid ? length : 1;
}

function codePoint(bytes: string, at: number, length: number): number {
  let point = bytes.charCodeAt(at) & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) point = (point << 6) | (bytes.charCodeAt(at + i) & 0x3f);
  return point;
}

function encoded(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  if (isSurrogate(point)) return unescaped(point);
  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  let bytes = String.fromCharCode(((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1))));
  for (let i = length - 2; i >= 0; i--) bytes += String.fromCharCode(0x80 | ((point >> (6 * i)) & 0x3f));
  return bytes;
}

function unescaped(surrogate: number): string {
  const byte = surrogate - ESCAPE;
  return byte >= 0x80 && byte <= 0xff ? String.fromCharCode(byte) : REPLACEMENT;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}
