import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { check, decode, encode, encodeEvent } from "@uevent-bridge/uevent";

import { good, latin1Of } from "./bytes.js";

const PARTS = { action: "add", devpath: "/a", subsystem: "s" } as const;
const ROUTED = "add@/a\0ACTION=add\0DEVPATH=/a\0SUBSYSTEM=s\0";

describe("encode", () => {
  it.each([
    ["nothing but what is routed", { properties: [] }, ROUTED],
    ["pairs", { properties: [["X", ""] as const, ["Y", "="] as const] }, `${ROUTED}X=\0Y==\0`],
    ["a map", { properties: new Map([["X", "\xff"]]) }, `${ROUTED}X=\xff\0`],
    ["a state", { properties: "X=1\0Y=2\0" }, `${ROUTED}X=1\0Y=2\0`],
    ["no state", { properties: "" }, ROUTED],
    ["SEQNUM last", { properties: "X=1\0", seqnum: 7 }, `${ROUTED}X=1\0SEQNUM=7\0`],
    ["SEQNUM of 64 bits", { properties: "", seqnum: 2n ** 64n - 1n }, `${ROUTED}SEQNUM=18446744073709551615\0`],
    ["SEQNUM 0", { properties: "", seqnum: 0 }, `${ROUTED}SEQNUM=0\0`],
  ])("%s", (_, more, text) => {
    expect(latin1Of(encode({ ...PARTS, ...more }))).toBe(text);
  });

  it.each([
    ["a NUL in the devpath", { devpath: "/a\0b", properties: "" }],
    ["a character beyond a byte in the subsystem", { subsystem: "\u0100", properties: "" }],
    ["a NUL in a value", { properties: [["X", "1\0DEVPATH=/b"] as const] }],
    ["a = in a key", { properties: [["X=", "1"] as const] }],
    ["an empty key", { properties: [["", "1"] as const] }],
    ["a NUL in a key", { properties: [["X\0", "1"] as const] }],
    ["a character beyond a byte in a value", { properties: [["X", "\u20ac"] as const] }],
    ["a state that does not end in NUL", { properties: "X=1" }],
    ["a character beyond a byte in a state", { properties: "X=\u20ac\0" }],
  ])("refuses %s", (_, more) => {
    expect(() => encode({ ...PARTS, ...more })).toThrow(RangeError);
  });
});

describe("decode after encode", () => {
  const byte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
  const name = fc.string({ unit: byte.filter((character) => !"=/@".includes(character)), minLength: 1, maxLength: 9 });
  const segment = name.map((text) => `x${text}`);
  const parts = fc.record({
    action: fc.stringMatching(/^[a-z]{1,9}$/),
    devpath: fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => `/${segments.join("/")}`),
    subsystem: segment,
    properties: fc.uniqueArray(
      fc.tuple(
        name.map((key) => `X${key}`),
        fc.string({ unit: byte, maxLength: 30 }),
      ),
      {
        selector: ([key]) => key,
        maxLength: 9,
      },
    ),
    seqnum: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
  });

  it("is the identity", () => {
    fc.assert(
      fc.property(parts, ({ seqnum, properties, ...names }) => {
        const bytes = encode({ ...names, properties, ...(seqnum !== undefined && { seqnum }) });
        const event = good(decode(bytes));
        expect(check(event)).toBeUndefined();
        expect(event).toMatchObject(names);
        expect(event.seqnum).toBe(seqnum);
        expect([...good(event.pairs())].slice(3, 3 + properties.length)).toEqual(properties);
        expect(encodeEvent(event.action, event.devpath, event.subsystem, event.state, seqnum)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
