import { describe, expect, it } from "vitest";

import { type Latin1, latin1, latin1Of, portable } from "../src/latin1.js";

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const LONG = Uint8Array.from({ length: 10_000 }, (_, i) => i % 256);

describe.each<[string, Latin1]>([
  ["the runtime's own", latin1],
  ["in any runtime", portable],
])("latin1, %s", (_, { decode, encode }) => {
  it("has one character for each byte", () => {
    const text = decode(ALL, 0, 256);
    expect(Array.from(text, (character) => character.charCodeAt(0))).toEqual([...ALL]);
    expect(encode(text)).toEqual(ALL);
  });

  it("takes a part", () => {
    expect(decode(ALL, 65, 68)).toBe("ABC");
    expect(decode(ALL.subarray(60, 70), 5, 8)).toBe("ABC");
    expect(decode(ALL, 5, 5)).toBe("");
  });

  it("takes more than one call's arguments", () => {
    expect(encode(decode(LONG, 0, LONG.length))).toEqual(LONG);
  });
});

describe("the runtime's own latin1 is taken", () => {
  it("from a Buffer that has it", () => {
    expect(latin1Of(globalThis)).not.toBe(portable);
  });

  it.each([{}, { Buffer: { prototype: {} } }])("not from %j", (runtime) => {
    expect(latin1Of(runtime)).toBe(portable);
  });
});
