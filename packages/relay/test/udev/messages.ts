import { decodeUdev, isMalformed } from "@uevent-bridge/uevent";
import type { UdevMessage } from "@uevent-bridge/uevent";

/** Datagrams in udev's form, each of them good. */
export function messages(datagrams: readonly Uint8Array[]): UdevMessage[] {
  return datagrams.map((bytes) => {
    const message = decodeUdev(bytes);
    if (isMalformed(message)) throw new Error(message.malformed);
    return message;
  });
}

/** `ACTION@DEVPATH` of each. */
export const heads = (all: readonly UdevMessage[]): string[] =>
  all.map(({ action, devpath }) => `${action}@${devpath}`);
