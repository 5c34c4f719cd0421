import assert from "node:assert/strict";
import { UDEV_DATAGRAM_BYTES, decodeUdev, encodeUdev, fromText, isMalformed, murmurHash2 } from "@uevent-bridge/uevent";
import { recorded } from "../engine/recorded.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

const HEADER = 40;

/** A message whose properties are these and whose header is as it should be: what changes at random has wrong hashes. */
function framed(properties: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + properties.length);
  const view = new DataView(bytes.buffer);
  const value = (key: string): string => new RegExp(`(?:^|\0)${key}=([^\0]*)\0`).exec(text(properties))?.[1] ?? "";
  bytes.set(bytesOf("libudev\0"));
  view.setUint32(8, 0xfeedcafe);
  view.setUint32(12, HEADER, true);
  view.setUint32(16, HEADER, true);
  view.setUint32(20, properties.length, true);
  view.setUint32(24, murmurHash2(value("SUBSYSTEM")));
  view.setUint32(28, murmurHash2(value("DEVTYPE")));
  let bloom = 0n;
  for (const tag of value("TAGS").split(":"))
    for (let i = 0; tag !== "" && i < 4; i++) bloom |= 1n << BigInt((murmurHash2(tag) >>> (6 * i)) & 63);
  view.setBigUint64(32, bloom);
  bytes.set(properties, HEADER);
  return bytes;
}

function read(bytes: Uint8Array): void {
  const message = decodeUdev(bytes);
  if (isMalformed(message))
    return holds(message.offset >= 0 && message.offset <= bytes.length, "it is nowhere malformed");
  holds(bytes.length <= UDEV_DATAGRAM_BYTES && message.seqnum > 0n, "libudev does not take it");
  assert.deepEqual(encodeUdev(message.properties), bytes);
  const pairs = [...message.env].map(([key, value]) => [fromText(key), fromText(value)] as const);
  assert.deepEqual(encodeUdev(pairs), bytes);
  holds(
    message.tags.every((tag) => tag !== "" && !tag.includes(":")),
    "a tag is none",
  );
}

main({
  run(bytes) {
    read(bytes);
    read(framed(bytes));
  },
  seeds: () => {
    const messages = recorded(2);
    const routed = "ACTION=add\0DEVPATH=/devices/a\0SUBSYSTEM=b\0SEQNUM=1\0X=";
    const longest = [-1, 0, 1].map((more) =>
      bytesOf(`${routed}${"x".repeat(UDEV_DATAGRAM_BYTES - HEADER - routed.length - 1 + more)}\0`),
    );
    return [...messages, ...messages.map((bytes) => bytes.slice(HEADER)), ...longest];
  },
  longest: UDEV_DATAGRAM_BYTES + 64,
});
