import { latin1 } from "./latin1.js";
import { type Properties, propertiesText, refuseUnlessValue } from "./properties.js";

/** The parts of an event in the kernel's form. Strings are latin1: one character is one byte. */
export interface EventParts {
  readonly action: string;
  readonly devpath: string;
  readonly subsystem: string;
  /** The pairs behind SUBSYSTEM. */
  readonly properties: Properties;
  readonly seqnum?: bigint | number;
}

/**
 * Byte for byte what the kernel sends.
 * @throws RangeError for a character beyond U+00FF, a NUL in a key or value, a `=` in a key, or an empty key
 */
export function encode({ action, devpath, subsystem, properties, seqnum }: EventParts): Uint8Array {
  for (const part of [action, devpath, subsystem]) refuseUnlessValue(part);
  return encodeEvent(action, devpath, subsystem, propertiesText(properties), seqnum);
}

/**
 * The same for parts that are known to be good, such as those of an event that was decoded.
 * @param state `KEY=VALUE\0`…, latin1
 */
export function encodeEvent(
  action: string,
  devpath: string,
  subsystem: string,
  state: string,
  seqnum?: bigint | number,
): Uint8Array {
  const routed = `${action}@${devpath}\0ACTION=${action}\0DEVPATH=${devpath}\0SUBSYSTEM=${subsystem}\0`;
  return latin1.encode(seqnum === undefined ? routed + state : `${routed}${state}SEQNUM=${seqnum}\0`);
}
