/** Text of a latin1 string that holds UTF-8; a byte that is not valid UTF-8 becomes U+DC00 + byte (U+DC80 … U+DCFF). */
export function toText(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? escapeByte(bytes.charCodeAt(at)) : decodeSequence(bytes, at, length);
    at += length || 1;
  }
  return text;
}

/** The exact inverse of `toText`. Other lone surrogates become U+FFFD, as in every encoder of UTF-8. */
export function fromText(text: string): string {
  if (isAscii(text)) return text;
  let bytes = "";
  for (const character of text) bytes += encodeCharacter(character.codePointAt(0) as number);
  return bytes;
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

const ESCAPE = 0xdc00;

function escapeByte(byte: number): string {
  return byte < 0x80 ? String.fromCharCode(byte) : String.fromCharCode(ESCAPE + byte);
}

/** One row for each length: lead bytes, bits of the code point in them, the least code point that needs this length. */
const SEQUENCES = [
  { length: 2, from: 0xc0, to: 0xdf, mask: 0x1f, least: 0x80 },
  { length: 3, from: 0xe0, to: 0xef, mask: 0x0f, least: 0x800 },
  { length: 4, from: 0xf0, to: 0xf7, mask: 0x07, least: 0x10000 },
] as const;

/** Bytes of the valid sequence of more than one byte that begins here; 0 if none does. */
function sequenceLength(bytes: string, at: number): number {
  const lead = bytes.charCodeAt(at);
  const row = SEQUENCES.find(({ from, to }) => lead >= from && lead <= to);
  if (!row) return 0;
  for (let i = 1; i < row.length; i++) {
    if ((bytes.charCodeAt(at + i) & 0xc0) !== 0x80) return 0; // NaN & 0xc0 is 0: cut off at the end
  }
  const point = codePoint(bytes, at, row.length);
  const isValid = point >= row.least && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return isValid ? row.length : 0;
}

function decodeSequence(bytes: string, at: number, length: number): string {
  return String.fromCodePoint(codePoint(bytes, at, length));
}

function codePoint(bytes: string, at: number, length: number): number {
  let point = bytes.charCodeAt(at) & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) point = (point << 6) | (bytes.charCodeAt(at + i) & 0x3f);
  return point;
}

function encodeCharacter(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  if (point >= ESCAPE + 0x80 && point <= ESCAPE + 0xff) return String.fromCharCode(point - ESCAPE);
  if (point >= 0xd800 && point <= 0xdfff) return encodeCharacter(0xfffd);
  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  let bytes = "";
  for (let i = length - 1; i > 0; i--) {
    bytes = String.fromCharCode(0x80 | (point & 0x3f)) + bytes;
    point >>= 6;
  }
  return String.fromCharCode(((0xff00 >> length) & 0xff) | point) + bytes;
}
