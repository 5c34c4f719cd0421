import { decodeUdev, isMalformed } from "@uevent-bridge/uevent";
import { unpackMultiple } from "msgpackr";

/** Of a datagram in the kernel's form. */
export const ITSELF = (bytes: Uint8Array): readonly Uint8Array[] => [bytes];

/** Of a message in udev's form: the same pairs as an event of the kernel's. */
export function ofUdev(bytes: Uint8Array): readonly Uint8Array[] {
  const message = decodeUdev(bytes);
  if (isMalformed(message)) throw new Error(message.malformed);
  return [Buffer.from(`${message.action}@${message.devpath}\0${message.properties}`, "latin1")];
}

/** Of a datagram in msgpack. */
export function packed(bytes: Uint8Array): readonly Uint8Array[] {
  const messages = unpackMultiple(bytes) as { readonly kind: string; readonly bytes: Uint8Array }[];
  return messages.filter(({ kind }) => kind === "event").map((message) => message.bytes);
}

/** What a listener asks for by the end of its name. */
export const BY_SUFFIX = [
  [".sock", ITSELF],
  [".msgpack.sock", packed],
  [".udev.sock", ofUdev],
] as const;
