/** What Node, Deno and Bun have on the prototype of their Buffer, faster than any loop; it works on every Uint8Array. */
interface NativeLatin1 {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

interface Runtime {
  readonly Buffer?: { readonly prototype: Partial<NativeLatin1> };
}

/** Both ways between bytes and latin1 strings: one character is one byte. */
export interface Latin1 {
  readonly decode: (bytes: Uint8Array, start: number, end: number) => string;
  /** A character beyond U+00FF loses its high byte: callers see to it that there is none. */
  readonly encode: (text: string) => Uint8Array;
}

export const portable: Latin1 = { decode: decodeInChunks, encode: encodeEachCharacter };

/** The runtime's own way if it has one. */
export function latin1Of(runtime: Runtime): Latin1 {
  const { latin1Slice, latin1Write } = runtime.Buffer?.prototype ?? {};
  if (!latin1Slice || !latin1Write) return portable;
  return {
    decode: (bytes, start, end) => latin1Slice.call(bytes, start, end),
    encode: (text) => {
      const bytes = new Uint8Array(text.length);
      latin1Write.call(bytes, text, 0, text.length);
      return bytes;
    },
  };
}

export const latin1: Latin1 = latin1Of(globalThis);

const CHUNK = 4096; // arguments of one call; engines bound them

function decodeInChunks(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + CHUNK, end)));
  }
  return text;
}

function encodeEachCharacter(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
