import { describe, expect, it } from "vitest";

import {
  check,
  decode,
  describeMalformed,
  env,
  isMalformed,
  MALFORMED_SENTENCES,
  toUevent,
} from "@uevent-bridge/uevent";

import { bytesOf, decoded } from "./bytes.js";

/** A datagram that says the same in its header and its pairs. */
function datagram(action: string, devpath: string, subsystem: string, rest = ""): string {
  return `${action}@${devpath}\0ACTION=${action}\0DEVPATH=${devpath}\0SUBSYSTEM=${subsystem}\0${rest}`;
}

const GOOD = datagram("add", "/a", "s");
const REST = GOOD.length;

describe("check says what is wrong with the rest of a datagram", () => {
  it.each([
    ["a blank in the action", datagram("a b", "/a", "s"), "odd-action", 0],
    ["// in the devpath", datagram("add", "/a//b", "s"), "devpath-empty-segment", 7],
    ["/ at the end of the devpath", datagram("add", "/a/", "s"), "devpath-empty-segment", 7],
    ["/ alone", datagram("add", "/", "s"), "devpath-empty-segment", 5],
    ["a segment .", datagram("add", "/./a", "s"), "devpath-dot-segment", 5],
    ["a segment .. at the end", datagram("add", "/a/..", "s"), "devpath-dot-segment", 7],
    ["more pairs than the kernel sends", `${GOOD}X=${"x".repeat(2040)}\0`, "too-long", 7 + 2048],
    ["nothing between two NULs", `${GOOD}\0`, "empty-pair", REST],
    ["a pair without =", `${GOOD}X\0Y=\0`, "no-equals", REST],
    ["a pair without = at the end", `${GOOD}X\0`, "no-equals", REST],
    ["a pair without a key", `${GOOD}=1\0`, "empty-key", REST],
    ["a key twice", `${GOOD}X=1\0Y=2\0X=1\0`, "duplicate-key", REST + 8],
    ["a SEQNUM that is no number", `${GOOD}SEQNUM=-1\0`, "bad-seqnum", REST + 7],
    ["a SEQNUM beyond 64 bits", `${GOOD}SEQNUM=18446744073709551616\0`, "bad-seqnum", REST + 7],
    ["another ACTION", "add@/a\0ACTION=del\0DEVPATH=/a\0SUBSYSTEM=s\0", "action-differs", 14],
    ["another DEVPATH", "add@/a\0ACTION=add\0DEVPATH=/b\0SUBSYSTEM=s\0", "devpath-differs", 26],
    ["no subsystem", datagram("add", "/a", ""), "odd-subsystem", 39],
    ["the subsystem ..", datagram("add", "/a", ".."), "odd-subsystem", 39],
    ["a subsystem with /", datagram("add", "/a", "s/t"), "odd-subsystem", 39],
  ])("%s", (_, text, reason, offset) => {
    const wrong = { malformed: reason, offset };
    expect(check(decoded(text))).toEqual(wrong);
    expect(env(decoded(text))).toEqual(wrong);
    expect(toUevent(bytesOf(text))).toEqual(wrong);
  });
});

describe("check has nothing to say against", () => {
  it.each([
    ["names that begin with dots", datagram("add", "/.a/..b/...", ".s")],
    ["control characters in a devpath", datagram("add", "/\x1b[2J\n", "net")],
    ["another order", "add@/a\0SUBSYSTEM=s\0SEQNUM=0\0DEVPATH=/a\0ACTION=add\0"],
    ["values that are empty or have =", `${GOOD}X=\0Y==\0Z=a=b\0`],
    ["an action of tomorrow", datagram("re-Scan_2", "/a", "s")],
    ["as many pairs as the kernel sends", `${GOOD}X=${"x".repeat(2048 - (REST - 7) - 3)}\0`],
  ])("%s", (_, text) => {
    expect(check(decoded(text))).toBeUndefined();
  });
});

describe("a malformed datagram", () => {
  it("is described in one sentence", () => {
    expect(describeMalformed({ malformed: "no-at", offset: 0 })).toBe("the header has no @ (byte 0)");
  });

  it("has a sentence of its own for each reason", () => {
    const sentences = Object.values(MALFORMED_SENTENCES);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it("is told from an event", () => {
    expect(isMalformed(decode(bytesOf("")))).toBe(true);
    expect(isMalformed(decode(bytesOf(GOOD)))).toBe(false);
    expect(isMalformed(undefined)).toBe(false);
  });
});
