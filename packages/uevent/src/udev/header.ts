import { latin1 } from "../latin1.js";
import type { Pairs } from "../pairs.js";
import { murmurHash2 } from "./murmur-hash.js";
import { tagBloom, tagsOf } from "./tag-bloom.js";

/** Length of the header in bytes. */
export const HEADER_BYTES = 40;
export const PREFIX = "libudev\0";
export const MAGIC = 0xfeedcafe;

/** Lengths are in the byte order of the host, all else big-endian: x86-64, arm64 and riscv64 are little-endian. */
const HOST_IS_LITTLE_ENDIAN = true;

/** What stands in front of the properties. Readers have packet filters on the hashes: a wrong one means silence. */
export interface UdevHeader {
  readonly prefix: string;
  readonly magic: number;
  readonly headerSize: number;
  readonly propertiesOffset: number;
  readonly propertiesLength: number;
  readonly subsystemHash: number;
  /** 0 without a DEVTYPE. */
  readonly devtypeHash: number;
  readonly tagBloom: bigint;
}

/** The header that belongs to these properties. */
export function headerOf(pairs: Pairs, propertiesLength: number): UdevHeader {
  return {
    prefix: PREFIX,
    magic: MAGIC,
    headerSize: HEADER_BYTES,
    propertiesOffset: HEADER_BYTES,
    propertiesLength,
    subsystemHash: murmurHash2(pairs.get("SUBSYSTEM") ?? ""),
    devtypeHash: murmurHash2(pairs.get("DEVTYPE") ?? ""), // the hash of nothing is 0
    tagBloom: tagBloom(tagsOf(pairs.get("TAGS"))),
  };
}

/** Reads the header of a message of at least `HEADER_BYTES`. */
export function readHeader(bytes: Uint8Array): UdevHeader {
  const view = viewOf(bytes);
  return {
    prefix: latin1.decode(bytes, 0, PREFIX.length),
    magic: view.getUint32(OFFSETS.magic),
    headerSize: view.getUint32(OFFSETS.headerSize, HOST_IS_LITTLE_ENDIAN),
    propertiesOffset: view.getUint32(OFFSETS.propertiesOffset, HOST_IS_LITTLE_ENDIAN),
    propertiesLength: view.getUint32(OFFSETS.propertiesLength, HOST_IS_LITTLE_ENDIAN),
    subsystemHash: view.getUint32(OFFSETS.subsystemHash),
    devtypeHash: view.getUint32(OFFSETS.devtypeHash),
    tagBloom: view.getBigUint64(OFFSETS.tagBloom),
  };
}

/** Writes the header to the start of `bytes`. */
export function writeHeader(bytes: Uint8Array, header: UdevHeader): void {
  const view = viewOf(bytes);
  bytes.set(latin1.encode(header.prefix));
  view.setUint32(OFFSETS.magic, header.magic);
  view.setUint32(OFFSETS.headerSize, header.headerSize, HOST_IS_LITTLE_ENDIAN);
  view.setUint32(OFFSETS.propertiesOffset, header.propertiesOffset, HOST_IS_LITTLE_ENDIAN);
  view.setUint32(OFFSETS.propertiesLength, header.propertiesLength, HOST_IS_LITTLE_ENDIAN);
  view.setUint32(OFFSETS.subsystemHash, header.subsystemHash);
  view.setUint32(OFFSETS.devtypeHash, header.devtypeHash);
  view.setBigUint64(OFFSETS.tagBloom, header.tagBloom);
}

/** Where each field is, in bytes. */
export const OFFSETS = {
  prefix: 0,
  magic: 8,
  headerSize: 12,
  propertiesOffset: 16,
  propertiesLength: 20,
  subsystemHash: 24,
  devtypeHash: 28,
  tagBloom: 32,
} as const satisfies Record<keyof UdevHeader, number>;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
