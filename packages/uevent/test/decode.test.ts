import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { KERNEL_DATAGRAM_BYTES, decode, isMalformed } from "@uevent-bridge/uevent";

import { bytesOf, decoded, good } from "./bytes.js";

const LOOP = "change@/devices/loop0\0ACTION=change\0DEVPATH=/devices/loop0\0SUBSYSTEM=block\0";

describe("decode says what keeps a datagram from being routed", () => {
  it.each([
    ["no bytes", "", "empty", 0],
    [
      "more bytes than the kernel sends",
      LOOP.padEnd(KERNEL_DATAGRAM_BYTES + 1, "\0"),
      "too-long",
      KERNEL_DATAGRAM_BYTES,
    ],
    ["another byte than NUL at the end", LOOP.slice(0, -1), "no-final-nul", LOOP.length - 2],
    ["NUL alone", "\0", "no-at", 0],
    ["a header without @", "change\0A=@\0", "no-at", 0],
    [
      "a header without @, and pairs where a header with that @ would have them",
      "xyz\0ACTION=aaaaaaaaaaa\0SUBSYSTEM=@/aaaaaaaaa\0DEVPATH=/a\0",
      "no-at",
      0,
    ],
    ["nothing before @", "@/devices/loop0\0ACTION=\0DEVPATH=/devices/loop0\0SUBSYSTEM=block\0", "empty-action", 0],
    ["a relative devpath", "add@devices\0ACTION=add\0DEVPATH=devices\0SUBSYSTEM=a\0", "devpath-not-absolute", 4],
    ["no devpath", "add@\0ACTION=add\0DEVPATH=\0SUBSYSTEM=a\0", "devpath-not-absolute", 4],
    ["a header alone", "add@/devices/a\0", "no-action-pair", 15],
    ["no ACTION", "add@/devices/a\0DEVPATH=/devices/a\0SUBSYSTEM=a\0", "no-action-pair", 15],
    ["a key that ends in ACTION", "add@/a\0XACTION=add\0DEVPATH=/a\0SUBSYSTEM=a\0", "no-action-pair", 7],
    ["no DEVPATH", "add@/devices/a\0ACTION=add\0SUBSYSTEM=a\0", "no-devpath-pair", 15],
    ["no SUBSYSTEM", "add@/devices/a\0ACTION=add\0DEVPATH=/devices/a\0", "no-subsystem-pair", 15],
  ])("%s", (_, text, reason, offset) => {
    expect(decode(bytesOf(text))).toEqual({ malformed: reason, offset });
  });

  it("in a slab: what lies before and behind is another datagram's", () => {
    const cut = LOOP.indexOf("SUBSYSTEM");
    const slab = bytesOf(`xx${LOOP}`);
    expect(decode(slab, 2, 2 + cut)).toMatchObject({ malformed: "no-subsystem-pair" });
    expect(good(decode(slab, 2)).text).toBe(LOOP);
  });

  it.each("ACTION= DEVPATH= SUBSYSTEM=".split(" "))("every byte of %s counts", (key) => {
    for (let i = 0; i < key.length; i++) {
      const at = LOOP.indexOf(key) + i;
      const wrong = `${LOOP.slice(0, at)}#${LOOP.slice(at + 1)}`;
      expect(decode(bytesOf(wrong))).toMatchObject({ malformed: `no-${key.slice(0, -1).toLowerCase()}-pair` });
    }
  });
});

describe("decode finds what routing needs", () => {
  it.each([
    ["in the kernel's order", LOOP],
    [
      "in another order",
      "change@/devices/loop0\0SUBSYSTEM=block\0A=1\0DEVPATH=/devices/loop0\0SEQNUM=5\0ACTION=change\0",
    ],
    ["behind other pairs", "change@/devices/loop0\0A=\0ACTION=change\0DEVPATH=/devices/loop0\0SUBSYSTEM=block\0"],
    ["with pairs of other lengths", "change@/devices/loop0\0ACTION=add\0DEVPATH=/devices/l\0SUBSYSTEM=block\0"],
  ])("%s", (_, text) => {
    const event = decoded(text);
    expect(event).toMatchObject({ action: "change", devpath: "/devices/loop0", subsystem: "block" });
  });

  it("keeps every byte", () => {
    expect(decoded("add@/\xff@\x80\0ACTION=add\0DEVPATH=/\xff@\x80\0SUBSYSTEM=\xe9\0")).toMatchObject({
      devpath: "/\xff@\x80",
      subsystem: "\xe9",
    });
  });

  it("never throws, whatever the bytes", () => {
    const anything = fc.uint8Array({ maxLength: 200 });
    const nearly = fc
      .string({ unit: fc.constantFrom(...Array.from("\0=@/.A"), "ACTION=", "DEVPATH=/", "SUBSYSTEM=") })
      .map(bytesOf);
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (bytes) => {
        const event = decode(bytes);
        return isMalformed(event) ? event.offset <= bytes.length : event.text.length === bytes.length;
      }),
      { numRuns: 2000 },
    );
  });
});
