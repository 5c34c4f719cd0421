import type { TestDevice } from "./test-device.js";

/** Values in which each character has a meaning somewhere in the grammar. */
export const ODD = [
  "a,b|c",
  "*?[x]\\",
  "\\*|",
  " blank ",
  "=|[]",
  "",
  "Größe?",
  "\u{1F50C}x*",
  "\udcff\udc80[",
  "!a-c?",
  "^]|",
];

/** The corpus has no attributes. These follow from the device alone, so that a failure is the same each time. */
export function attributesOf(device: TestDevice): ReadonlyMap<string, string> {
  const seed = Array.from(device.devpath, pointOf).reduce((sum, point) => (sum * 31 + point) % 65_521, 7);
  const attributes = new Map([["label", ODD[seed % ODD.length] ?? ""]]);
  const { properties } = device;
  if (properties.get("DEVTYPE") === "usb_device") attributes.set("serial", `S${seed % 5},${seed % 3}`);
  if (properties.has("MAJOR")) attributes.set("dev", `${properties.get("MAJOR")}:${properties.get("MINOR")}`);
  if (properties.get("DEVTYPE") === "disk") attributes.set("queue/rotational", String(seed % 2));
  return attributes;
}

function pointOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
