import type { UdevEntry } from "@uevent-bridge/kernel";
import type { KernelUevent } from "@uevent-bridge/uevent";
import { UDEV_DATAGRAM_BYTES, encodeUdev, isMalformed } from "@uevent-bridge/uevent";

/**
 * An event as udevd passes it on: the kernel's properties, and what is known of the device beyond them. Undefined if libudev would
 * not take it.
 */
export function udevBytes(event: KernelUevent, known: UdevEntry | undefined, seqnum: number): Uint8Array | undefined {
  const pairs = event.pairs();
  if (isMalformed(pairs)) return undefined;
  const properties = new Map(pairs);
  const devname = properties.get("DEVNAME");
  if (devname !== undefined && !devname.startsWith("/")) properties.set("DEVNAME", `/dev/${devname}`);
  properties.set("SEQNUM", `${seqnum}`);
  for (const [key, value] of known ? beyond(known) : []) if (!properties.has(key)) properties.set(key, value);
  return encoded(properties);
}

function* beyond({
  properties,
  links,
  tags,
  initialized,
}: UdevEntry): Generator<readonly [key: string, value: string]> {
  yield* properties;
  yield ["USEC_INITIALIZED", `${initialized}`];
  if (links.length > 0) yield ["DEVLINKS", links.join(" ")];
  if (tags.length > 0) for (const key of ["TAGS", "CURRENT_TAGS"]) yield [key, `:${tags.join(":")}:`];
}

function encoded(properties: ReadonlyMap<string, string>): Uint8Array | undefined {
  try {
    const bytes = encodeUdev(properties);
    return bytes.length > UDEV_DATAGRAM_BYTES ? undefined : bytes;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
