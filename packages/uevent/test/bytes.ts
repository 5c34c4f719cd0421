import { type KernelUevent, decode, isMalformed } from "@uevent-bridge/uevent";

/** One byte for each character. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The exact inverse. */
export function latin1Of(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The result, which must be no reason. */
export function good<T extends object>(result: T): Exclude<T, { malformed: unknown }> {
  if (isMalformed(result)) throw new Error(`malformed: ${result.malformed} at ${result.offset}`);
  return result as Exclude<T, { malformed: unknown }>;
}

export function decoded(text: string): KernelUevent {
  return good(decode(bytesOf(text)));
}
