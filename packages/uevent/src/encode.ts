import { latin1 } from "./latin1.js";

/** The parts of an event in the kernel's form. Strings are latin1: one character is one byte. */
export interface EventParts {
  readonly action: string;
  readonly devpath: string;
  readonly subsystem: string;
  /** The pairs behind SUBSYSTEM: `KEY=VALUE\0`…, or key and value each. */
  readonly properties: string | Iterable<readonly [key: string, value: string]>;
  readonly seqnum?: bigint | number;
}

/**
 * Byte for byte what the kernel sends.
 * @throws RangeError for a character beyond U+00FF, a NUL in a key or value, or a `=` in a key
 */
export function encode({ action, devpath, subsystem, properties, seqnum }: EventParts): Uint8Array {
  for (const part of [action, devpath, subsystem]) refuse(part, /[^\x01-\xff]/);
  return encodeEvent(action, devpath, subsystem, stateOf(properties), seqnum);
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
  const header = `${action}@${devpath}\0ACTION=${action}\0DEVPATH=${devpath}\0SUBSYSTEM=${subsystem}\0`;
  return latin1.encode(seqnum === undefined ? header + state : `${header}${state}SEQNUM=${seqnum}\0`);
}

function stateOf(properties: EventParts["properties"]): string {
  if (typeof properties === "string") return refuse(properties, /[^\x00-\xff]|[^\0]$/);
  let state = "";
  for (const [key, value] of properties)
    state += `${refuse(key, /[^\x01-\xff]|=|^$/)}=${refuse(value, /[^\x01-\xff]/)}\0`;
  return state;
}

function refuse(part: string, bad: RegExp): string {
  if (bad.test(part)) throw new RangeError(`Not a part of a uevent: ${JSON.stringify(part)}`);
  return part;
}
