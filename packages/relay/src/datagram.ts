import type { KernelUevent } from "@uevent-bridge/uevent";
import { withAction, withDevname, withoutSeqnum } from "@uevent-bridge/uevent";

const SEQNUM_KEY = "SEQNUM=".length;

/**
 * An event on its way to the outlets: `bytes[start .. end]` is the datagram up to and including `SEQNUM=`,
 * so that each outlet can put its own number behind it.
 */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The kernel's event that it is of; absent if we made it. */
  readonly event?: KernelUevent;
}

/** A datagram of the kernel where it lies in the slab: no byte is copied. */
export function ofKernel(slab: Uint8Array, start: number, end: number, event: KernelUevent): Datagram {
  if (event.seqnumStart >= 0) return { bytes: slab, start, end: start + event.seqnumStart, event };
  return { ...numberable(withoutSeqnum(slab.subarray(start, end))), event };
}

/** The same event told under another action, as a `change` for what was told already. */
export function withOtherAction(datagram: Datagram, action: string): Datagram {
  const { event } = datagram;
  return { ...numberable(withAction(payload(datagram), action)), ...(event && { event }) };
}

/** The same event with another name for the device's node. */
export function withOtherName(datagram: Datagram, name: string): Datagram {
  const { event } = datagram;
  return { ...numberable(withDevname(payload(datagram), name)), ...(event && { event }) };
}

/** With bytes of its own, to be kept. */
export function copied({ bytes, start, end, event }: Datagram): Datagram {
  return { ...made(bytes.slice(start, end)), ...(event && { event }) };
}

/** A datagram of our own that ends in `SEQNUM=` already. */
export function made(bytes: Uint8Array): Datagram {
  return { bytes, start: 0, end: bytes.length };
}

/** What is injected into a netlink group: without the SEQNUM pair, which the kernel appends itself. */
export function payload(datagram: Datagram): Uint8Array {
  return datagram.bytes.subarray(datagram.start, datagram.end - SEQNUM_KEY);
}

/** The whole datagram with a number, copied. */
export function numbered(datagram: Datagram, seqnum: number): Uint8Array {
  const digits = `${seqnum}\0`;
  const length = datagram.end - datagram.start;
  const bytes = new Uint8Array(length + digits.length);
  bytes.set(datagram.bytes.subarray(datagram.start, datagram.end));
  for (let i = 0; i < digits.length; i++) bytes[length + i] = digits.charCodeAt(i);
  return bytes;
}

function numberable(withoutNumber: Uint8Array): Datagram {
  const bytes = new Uint8Array(withoutNumber.length + SEQNUM_KEY);
  bytes.set(withoutNumber);
  for (let i = 0; i < SEQNUM_KEY; i++) bytes[withoutNumber.length + i] = "SEQNUM=".charCodeAt(i);
  return made(bytes);
}
