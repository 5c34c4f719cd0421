import { Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";

import { decodeWire } from "../src/wire.js";
import { event, hello, pack, synced } from "./support/messages.js";

const bytes = event(7).bytes;

describe("a message", () => {
  test.each([
    ["hello", hello, hello],
    ["hello of a later version", { kind: "hello", version: 2 }, { kind: "hello", version: 2 }],
    ["event of a device", { kind: "event", seq: 7, bytes }, { kind: "event", seq: 7, bytes, device: true }],
    ["event of another object", { kind: "event", seq: 7, bytes, device: false }, { device: false }],
    ["gap", { kind: "gap", lost: 3 }, { kind: "gap", lost: 3, where: "container" }],
    ["gap of unknown size", { kind: "gap", lost: "unknown" }, { lost: "unknown" }],
    ["gap in the kernel", { kind: "gap", lost: 3, where: "kernel" }, { where: "kernel" }],
    ["gap at a place of a later relay", { kind: "gap", lost: 3, where: "elsewhere" }, { where: "container" }],
    ["synced", synced, synced],
    ["a key that we do not know is left out", { ...synced, later: 1 }, synced],
    ["a number as wide as it can be", { kind: "gap", lost: 3n }, { lost: 3 }],
  ])("%s", (_, said, expected) => {
    expect(decodeWire(pack(said))).toMatchObject([expected]);
  });

  test("of a kind that we do not know is skipped, what follows is not", () => {
    expect(decodeWire(pack({ kind: "later", a: [1] }, synced))).toEqual([synced]);
  });

  test("follows another in the same datagram", () => {
    expect(decodeWire(pack(hello, { kind: "gap", lost: 1 }, synced)).map(({ kind }) => kind)).toEqual([
      "hello",
      "gap",
      "synced",
    ]);
  });
});

describe("damage ends the list, after what was whole", () => {
  const whole = pack(synced);
  test.each([
    ["cut within a map", pack({ kind: "event", seq: 1, bytes }).subarray(0, 40)],
    ["a datagram in the kernel's form", bytes],
    ["a string", pack(Object("text") as object)],
    ["an array", pack([1, 2])],
    ["a map without a kind", pack({ seq: 1 })],
    ["a kind that is no string", pack({ kind: 1 })],
    ["an event without bytes", pack({ kind: "event", seq: 1 })],
    ["an event whose bytes are text", pack({ kind: "event", seq: 1, bytes: "add@/devices/a" })],
    ["an event without a number", pack({ kind: "event", bytes })],
    ["an event with a negative number", pack({ kind: "event", seq: -1, bytes })],
    ["an event with a number beyond 2^53", pack({ kind: "event", seq: 2 ** 60, bytes })],
    ["a gap without a size", pack({ kind: "gap" })],
    ["a hello without a version", pack({ kind: "hello" })],
    ["a length of 4 GiB for the bytes", Buffer.from("c6ffffffff", "hex")],
    ["a map of 4 G entries", Buffer.from("dfffffffff", "hex")],
    ["an array of 4 G entries", Buffer.from("ddffffffff", "hex")],
    ["arrays in each other until the stack ends", Buffer.alloc(60_000, 0x91)],
    ["a date where a map should be", Buffer.from("d6ff00000000", "hex")],
    ["bundled strings that lead backwards", backwards()],
  ])("%s", (_, damage) => {
    const messages = decodeWire(Buffer.concat([whole, damage, whole]));
    expect(messages.map(({ kind }) => kind)).toEqual(["synced", "damaged"]);
  });

  test("and the next datagram is read as if nothing had been", () => {
    decodeWire(backwards());
    decodeWire(Buffer.alloc(60_000, 0x91));
    expect(decodeWire(pack(hello, synced))).toEqual([hello, synced]);
  });
});

test("msgpackr alone would read bundled strings that lead backwards for ever", () => {
  let read = 0;
  new Unpackr({ useRecords: false }).unpackMultiple(Buffer.concat([backwards(), pack(synced)]), () => ++read < 1000);
  expect(read).toBe(1000);
});

/** A map, and then a value of msgpackr's extension for bundled strings: it says that they are the two that end the map. */
function backwards(): Buffer {
  const header = Buffer.from("d66200000000", "hex");
  header.writeInt32BE(-4, 2);
  return Buffer.concat([pack({ kind: "later", strings: ["", ""] }), header, pack(synced)]);
}
