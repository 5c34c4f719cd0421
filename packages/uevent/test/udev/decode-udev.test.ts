import { describe, expect, it } from "vitest";

import { decodeUdev, encodeUdev } from "@uevent-bridge/uevent";

import { bytesOf, good, latin1Of } from "../bytes.js";

const PROPERTIES = "ACTION=add\0DEVPATH=/a\0SUBSYSTEM=usb\0DEVTYPE=usb_device\0TAGS=:seat:\0SEQNUM=5\0";
const GOOD = latin1Of(encodeUdev(PROPERTIES));

function withByte(offset: number, byte: number): string {
  return GOOD.slice(0, offset) + String.fromCharCode(byte) + GOOD.slice(offset + 1);
}

/** The header is right for a message that has other properties: only the length is set again. */
function withProperties(properties: string): string {
  return `${GOOD.slice(0, 20)}${String.fromCharCode(properties.length)}${GOOD.slice(21, 40)}${properties}`;
}

describe("decodeUdev", () => {
  it("gives the event as udevd passed it on", () => {
    const message = good(decodeUdev(bytesOf(GOOD)));
    expect(message).toMatchObject({ kind: "event", action: "add", devpath: "/a", subsystem: "usb", seqnum: 5n });
    expect(message.tags).toEqual(["seat"]);
    expect(message.properties).toBe(PROPERTIES);
    expect(message.env.get("DEVTYPE")).toBe("usb_device");
    expect(latin1Of(message.bytes)).toBe(GOOD);
    expect(message.toJSON()).toMatchObject({ type: "event", seqnum: 5 });
  });

  it.each([
    ["no bytes", "", "empty", 0],
    ["less than a header", GOOD.slice(0, 39), "udev-short", 39],
    ["more than readers take", GOOD.padEnd(8193, "\0"), "too-long", 8192],
    ["no NUL at the end", GOOD.slice(0, -1), "no-final-nul", GOOD.length - 2],
    ["the kernel's form", `add@/a\0${PROPERTIES}`, "udev-prefix", 0],
    ["another magic", withByte(8, 0xff), "udev-magic", 8],
    ["another header size", withByte(12, 41), "udev-header-size", 12],
    ["another offset", withByte(16, 41), "udev-offset", 16],
    ["another length", withByte(20, 1), "udev-length", 20],
    ["a wrong hash of the subsystem", withByte(27, 0), "udev-subsystem-hash", 24],
    ["a wrong hash of the devtype", withByte(31, 0), "udev-devtype-hash", 28],
    ["wrong tag bits", withByte(39, 0xff), "udev-tag-bloom", 32],
    ["no ACTION", withProperties("DEVPATH=/a\0SUBSYSTEM=s\0SEQNUM=5\0"), "no-action-pair", 40],
    ["no DEVPATH", withProperties("ACTION=add\0SUBSYSTEM=s\0SEQNUM=5\0"), "no-devpath-pair", 40],
    ["no SUBSYSTEM", withProperties("ACTION=add\0DEVPATH=/a\0SEQNUM=5\0"), "no-subsystem-pair", 40],
    ["no SEQNUM", withProperties("ACTION=add\0DEVPATH=/a\0SUBSYSTEM=s\0"), "no-seqnum-pair", 40],
    ["SEQNUM 0", withProperties("SEQNUM=00\0ACTION=add\0DEVPATH=/a\0SUBSYSTEM=s\0"), "zero-seqnum", 47],
    ["no action", withProperties("ACTION=\0DEVPATH=/a\0SUBSYSTEM=s\0SEQNUM=5\0"), "empty-action", 47],
    ["an odd action", withProperties("ACTION=a b\0DEVPATH=/a\0SUBSYSTEM=s\0SEQNUM=5\0"), "odd-action", 47],
    ["a relative devpath", withProperties("ACTION=a\0DEVPATH=a\0SUBSYSTEM=s\0SEQNUM=5\0"), "devpath-not-absolute", 57],
    ["an odd subsystem", withProperties("ACTION=a\0DEVPATH=/a\0SUBSYSTEM=..\0SEQNUM=5\0"), "odd-subsystem", 70],
    ["a pair without =", withProperties("ACTION=a\0X\0"), "no-equals", 49],
  ])("says what is wrong: %s", (_, text, reason, offset) => {
    expect(decodeUdev(bytesOf(text))).toEqual({ malformed: reason, offset });
  });
});

describe("encodeUdev", () => {
  it("takes pairs", () => {
    const pairs = PROPERTIES.split("\0")
      .slice(0, -1)
      .map((pair) => pair.split("=") as [string, string]);
    expect(latin1Of(encodeUdev(pairs))).toBe(GOOD);
  });

  it.each([
    ["without SEQNUM", "ACTION=add\0DEVPATH=/a\0SUBSYSTEM=s\0", /no SEQNUM pair/],
    ["with a bad pair", "ACTION=add\0X\0", /a pair has no =/],
    ["without NUL at the end", "ACTION=add", /Not a part of a uevent/],
  ])("refuses properties %s", (_, properties, message) => {
    expect(() => encodeUdev(properties)).toThrow(RangeError);
    expect(() => encodeUdev(properties)).toThrow(message);
  });
});
