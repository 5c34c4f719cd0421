import { latin1 } from "../latin1.js";
import { type Malformed, describeMalformed, isMalformed } from "../malformed.js";
import { type Pairs, parsePairs } from "../pairs.js";
import { type Properties, propertiesText } from "../properties.js";
import { checkProperties } from "./check-udev.js";
import { HEADER_BYTES, headerOf, writeHeader } from "./header.js";

/**
 * Byte for byte what udevd sends for these properties, latin1, in their order. DEVNAME is an absolute path here.
 * @throws RangeError if a libudev would not take it: without ACTION, DEVPATH, SUBSYSTEM or SEQNUM, or with bad pairs
 */
export function encodeUdev(properties: Properties): Uint8Array {
  const text = propertiesText(properties);
  const pairs = goodPairs(text);
  const bytes = new Uint8Array(HEADER_BYTES + text.length);
  writeHeader(bytes, headerOf(pairs, text.length));
  bytes.set(latin1.encode(text), HEADER_BYTES);
  return bytes;
}

function goodPairs(text: string): Pairs {
  const pairs = parsePairs(text, 0);
  if (isMalformed(pairs)) throw refusal(pairs);
  const wrong = checkProperties(pairs, text);
  if (wrong) throw refusal(wrong);
  return pairs;
}

function refusal(wrong: Malformed): RangeError {
  return new RangeError(`No message for udev's readers: ${describeMalformed(wrong)}`);
}
