import { describe, expect, it } from "vitest";

import { decodeUdev, murmurHash2, tagBloom } from "@uevent-bridge/uevent";

import { good } from "../bytes.js";
import { corpus } from "../corpus.js";

/** What recorded headers say, by what they say it of. */
function recorded(key: "SUBSYSTEM" | "DEVTYPE", offset: number): Map<string, number> {
  const hashes = new Map<string, number>();
  for (const bytes of corpus("udev")) {
    const name = good(decodeUdev(bytes)).env.get(key);
    if (name !== undefined) hashes.set(name, new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset));
  }
  return hashes;
}

describe("murmurHash2", () => {
  it.each([...recorded("SUBSYSTEM", 24), ...recorded("DEVTYPE", 28)])("of %s is what udevd wrote", (name, hash) => {
    expect(murmurHash2(name)).toBe(hash);
  });

  it.each([
    ["", 0, 0],
    ["", 1, 0x5bd15e36],
  ])("of %j with seed %i", (key, seed, hash) => {
    expect(murmurHash2(key, seed)).toBe(hash);
  });
});

describe("tagBloom", () => {
  const bitsOf = (tag: string) => [0, 6, 12, 18].map((shift) => 1n << BigInt((murmurHash2(tag) >>> shift) & 63));

  it("has no bits without tags", () => {
    expect(tagBloom([])).toBe(0n);
  });

  it("has the four bits of each tag", () => {
    const expected = [...bitsOf("seat"), ...bitsOf("uaccess")].reduce((bloom, bit) => bloom | bit);
    expect(tagBloom(["seat", "uaccess"])).toBe(expected);
  });
});
