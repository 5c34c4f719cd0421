import type { UdevEntry } from "@uevent-bridge/kernel";
import { UDEV_DATAGRAM_BYTES, decode, encode, isMalformed } from "@uevent-bridge/uevent";
import { expect, test } from "vitest";

import { udevBytes } from "../../src/udev/message.js";
import { messages } from "./messages.js";

const NOTHING: UdevEntry = { properties: new Map(), links: [], tags: [], initialized: 1n };

function bytesOf(known: UdevEntry): Uint8Array | undefined {
  const event = decode(encode({ action: "add", devpath: "/devices/a", subsystem: "misc", properties: [], seqnum: 9 }));
  if (isMalformed(event)) throw new Error(event.malformed);
  return udevBytes(event, known, 5);
}

const withName = (length: number) => bytesOf({ ...NOTHING, properties: new Map([["NAME", "x".repeat(length)]]) });

test("a message may be as long as libudev takes one, and not longer", () => {
  const room = UDEV_DATAGRAM_BYTES - (withName(0)?.length ?? 0);
  expect(withName(room)).toHaveLength(UDEV_DATAGRAM_BYTES);
  expect(withName(room + 1)).toBeUndefined();
});

test("of links and tags that a device has not nothing is said, and its number is the relay's", () => {
  const [message] = messages([bytesOf(NOTHING) ?? new Uint8Array()]);
  expect([...(message?.env ?? [])]).toEqual([
    ["ACTION", "add"],
    ["DEVPATH", "/devices/a"],
    ["SUBSYSTEM", "misc"],
    ["SEQNUM", "5"],
    ["USEC_INITIALIZED", "1"],
  ]);
});
