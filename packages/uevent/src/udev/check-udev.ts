import { UDEV_DATAGRAM_BYTES } from "../bounds.js";
import { type Malformed, type MalformedReason, malformed } from "../malformed.js";
import { checkAction, checkDevpath, isSubsystem } from "../names.js";
import { type Pairs, findValueStart } from "../pairs.js";
import { HEADER_BYTES, OFFSETS, type UdevHeader, headerOf, readHeader } from "./header.js";

/** Fields of the header in the order in which they are looked at. */
type Faults = readonly (readonly [field: keyof UdevHeader, reason: MalformedReason])[];

const FRAME_FAULTS: Faults = [
  ["prefix", "udev-prefix"],
  ["magic", "udev-magic"],
  ["headerSize", "udev-header-size"],
  ["propertiesOffset", "udev-offset"],
  ["propertiesLength", "udev-length"],
];

const FILTER_FAULTS: Faults = [
  ["subsystemHash", "udev-subsystem-hash"],
  ["devtypeHash", "udev-devtype-hash"],
  ["tagBloom", "udev-tag-bloom"],
];

const REQUIRED: readonly (readonly [key: string, reason: MalformedReason])[] = [
  ["ACTION", "no-action-pair"],
  ["DEVPATH", "no-devpath-pair"],
  ["SUBSYSTEM", "no-subsystem-pair"],
  ["SEQNUM", "no-seqnum-pair"],
];

/** What is wrong around the properties. */
export function checkFrame(bytes: Uint8Array): Malformed | undefined {
  const { length } = bytes;
  if (length === 0) return malformed("empty", 0);
  if (length < HEADER_BYTES) return malformed("udev-short", length);
  if (length > UDEV_DATAGRAM_BYTES) return malformed("too-long", UDEV_DATAGRAM_BYTES);
  if (bytes[length - 1] !== 0) return malformed("no-final-nul", length - 1);
  return findFault(FRAME_FAULTS, readHeader(bytes), headerOf(new Map(), length - HEADER_BYTES));
}

/** What a libudev misses in the properties, or rejects them for. */
export function checkProperties(pairs: Pairs, properties: string): Malformed | undefined {
  const missing = REQUIRED.find(([key]) => !pairs.has(key));
  if (missing) return malformed(missing[1], HEADER_BYTES);
  const [action, devpath, subsystem, seqnum] = REQUIRED.map(([key]) => ({
    value: pairs.get(key) as string, // none is missing
    offset: HEADER_BYTES + findValueStart(`\0${properties}`, key, 0) - 1,
  })) as [Found, Found, Found, Found];
  return (
    checkAction(action.value, action.offset) ??
    checkDevpath(devpath.value, devpath.offset) ??
    (isSubsystem(subsystem.value) ? undefined : malformed("odd-subsystem", subsystem.offset)) ??
    (BigInt(seqnum.value) === 0n ? malformed("zero-seqnum", seqnum.offset) : undefined)
  );
}

/** What in the header would keep the message from readers that it is for. */
export function checkFilters(header: UdevHeader, pairs: Pairs): Malformed | undefined {
  return findFault(FILTER_FAULTS, header, headerOf(pairs, header.propertiesLength));
}

interface Found {
  readonly value: string;
  readonly offset: number;
}

function findFault(faults: Faults, header: UdevHeader, expected: UdevHeader): Malformed | undefined {
  const fault = faults.find(([field]) => header[field] !== expected[field]);
  return fault && malformed(fault[1], OFFSETS[fault[0]]);
}
