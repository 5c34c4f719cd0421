import { describe, expect, it } from "vitest";

import { decoded } from "./bytes.js";

const ROUTED = "add@/a\0ACTION=add\0DEVPATH=/a\0SUBSYSTEM=s\0";
const OTHER_ORDER = "add@/a\0DEVPATH=/a\0X=1\0ACTION=add\0SEQNUM=7\0SUBSYSTEM=s\0Y=2\0";

describe("state: the pairs that are the device's own", () => {
  it.each([
    ["none", ROUTED, ""],
    ["between SUBSYSTEM and SEQNUM", `${ROUTED}X=1\0Y==\0SEQNUM=7\0`, "X=1\0Y==\0"],
    ["without SEQNUM", `${ROUTED}X=1\0`, "X=1\0"],
    ["with SEQNUM first", `${ROUTED}SEQNUM=7\0X=1\0`, "X=1\0"],
    ["with SEQNUM no number", `${ROUTED}X=1\0SEQNUM=\0`, "X=1\0"],
    ["in another order", OTHER_ORDER, "X=1\0Y=2\0"],
    ["in another order, a pair without =", `${OTHER_ORDER}SEQNUMX\0`, "X=1\0Y=2\0SEQNUMX\0"],
  ])("%s", (_, text, state) => {
    expect(decoded(text).state).toBe(state);
  });
});

describe("seqnumStart: the offset of the first digit of a SEQNUM at the end", () => {
  it.each([
    ["one digit", `${ROUTED}SEQNUM=7\0`, ROUTED.length + 7],
    ["twenty digits", `${ROUTED}SEQNUM=18446744073709551615\0`, ROUTED.length + 7],
    ["no SEQNUM", ROUTED, -1],
    ["no digits", `${ROUTED}SEQNUM=\0`, -1],
    ["no number", `${ROUTED}SEQNUM=a7\0`, -1],
    ["not at the end", `${ROUTED}SEQNUM=7\0X=\0`, -1],
    ["the end of another key", `${ROUTED}XSEQNUM=7\0`, -1],
    ["a number at the end of another pair", `${ROUTED}SEQNUM=7\0X=8\0`, -1],
  ])("%s", (_, text, offset) => {
    expect(decoded(text).seqnumStart).toBe(offset);
  });
});

describe("seqnum", () => {
  it.each([
    ["none", ROUTED, undefined],
    ["anywhere", OTHER_ORDER, 7n],
    ["the largest", `${ROUTED}SEQNUM=18446744073709551615\0`, 2n ** 64n - 1n],
    ["too large", `${ROUTED}SEQNUM=18446744073709551616\0`, undefined],
    ["no number", `${ROUTED}SEQNUM=0x7\0`, undefined],
  ])("%s", (_, text, seqnum) => {
    expect(decoded(text).seqnum).toBe(seqnum);
  });
});

describe("get", () => {
  const event = decoded(`${ROUTED}X=1\0XX=2\0E=\0Q=a=b=\0X=3\0`);

  it.each([
    ["the first of a key", "X", "1"],
    ["a longer key", "XX", "2"],
    ["an empty value", "E", ""],
    ["a value with =", "Q", "a=b="],
    ["a key that is not there", "Z", undefined],
    ["the header is no pair", "add@/a", undefined],
  ])("%s", (_, key, value) => {
    expect(event.get(key)).toBe(value);
  });
});
