import { DecodedUevent } from "../decoded-uevent.js";
import { latin1 } from "../latin1.js";
import { type Malformed, isMalformed, malformed } from "../malformed.js";
import { type Pairs, parsePairs } from "../pairs.js";
import type { Uevent } from "../uevent.js";
import { checkFilters, checkFrame, checkProperties } from "./check-udev.js";
import { HEADER_BYTES, readHeader } from "./header.js";
import { tagsOf } from "./tag-bloom.js";

/** An event as udevd passes it on: with its rules' properties, and DEVNAME an absolute path. */
export interface UdevMessage extends Uevent {
  /** `KEY=VALUE\0`… as in the datagram, latin1. */
  readonly properties: string;
  readonly tags: readonly string[];
}

/** The event of a datagram in udev's form, fully checked. The bytes are copied. */
export function decodeUdev(bytes: Uint8Array): UdevMessage | Malformed {
  const wrongFrame = checkFrame(bytes);
  if (wrongFrame) return wrongFrame;
  const properties = latin1.decode(bytes, HEADER_BYTES, bytes.length);
  const pairs = parsePairs(properties, 0);
  if (isMalformed(pairs)) return malformed(pairs.malformed, HEADER_BYTES + pairs.offset);
  const wrong = checkProperties(pairs, properties) ?? checkFilters(readHeader(bytes), pairs);
  return wrong ?? new DecodedUdevMessage(pairs, new Uint8Array(bytes), properties);
}

class DecodedUdevMessage extends DecodedUevent implements UdevMessage {
  readonly properties: string;
  readonly tags: readonly string[];

  constructor(pairs: Pairs, bytes: Uint8Array, properties: string) {
    super(pairs, bytes);
    this.properties = properties;
    this.tags = tagsOf(pairs.get("TAGS"));
  }
}
