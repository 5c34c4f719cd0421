/** Pairs as they stand in a datagram: `KEY=VALUE\0`…, or key and value each. Latin1: one character is one byte. */
export type Properties = string | Iterable<readonly [key: string, value: string]>;

/**
 * Properties as they stand in a datagram.
 * @throws RangeError for a character beyond U+00FF, a NUL in a key or value, a `=` in a key, or an empty key
 */
export function propertiesText(properties: Properties): string {
  if (typeof properties === "string") return refuseUnless(/^(?:[\0-\xff]*\0)?$/, properties);
  let text = "";
  for (const [key, value] of properties) text += `${refuseUnless(KEY, key)}=${refuseUnless(VALUE, value)}\0`;
  return text;
}

/** @throws RangeError for a character beyond U+00FF or a NUL */
export function refuseUnlessValue(value: string): string {
  return refuseUnless(VALUE, value);
}

const KEY = /^[\x01-<>-\xff]+$/;
const VALUE = /^[\x01-\xff]*$/;

function refuseUnless(good: RegExp, part: string): string {
  if (!good.test(part)) throw new RangeError(`Not a part of a uevent: ${JSON.stringify(part)}`);
  return part;
}
