/** A datagram as somebody read it. */
export interface Sighting {
  /** Nanoseconds of the monotonic clock, which all processes of the machine share. */
  readonly at: bigint;
  readonly bytes: Uint8Array;
}

/** What a container can hear on: the relay's socket, and the uevent group of its own network namespace. */
export type Channel = "socket" | "netlink";

/** All that a container read, in its order. */
export type Heard = Readonly<Record<Channel, readonly Sighting[]>>;

/** The header of a datagram in parts: `add@/devices/virtual/block/loop0`. */
export function headerOf(bytes: Uint8Array): { readonly action: string; readonly devpath: string } {
  const text = Buffer.from(bytes).toString("latin1");
  const [action = "", devpath = ""] = (text.split("\0", 1)[0] ?? "").split("@");
  return { action, devpath };
}

/** True for the device itself and all below it. */
export function isAtOrBelow(devpath: string, top: string): boolean {
  return devpath === top || devpath.startsWith(`${top}/`);
}
