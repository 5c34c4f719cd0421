import { unpackMultiple } from "msgpackr";

/** Of a datagram in the kernel's form. */
export const ITSELF = (bytes: Uint8Array): readonly Uint8Array[] => [bytes];

/** Of a datagram in msgpack. */
export function packed(bytes: Uint8Array): readonly Uint8Array[] {
  const messages = unpackMultiple(bytes) as { readonly kind: string; readonly bytes: Uint8Array }[];
  return messages.filter(({ kind }) => kind === "event").map((message) => message.bytes);
}
