import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decode, replaceSeqnum, withAction, withoutSeqnum } from "@uevent-bridge/uevent";

import { bytesOf, good, latin1Of } from "./bytes.js";
import { corpus } from "./corpus.js";

const ROUTED = "add@/a\0ACTION=add\0DEVPATH=/a\0SUBSYSTEM=s\0";
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

function edited(edit: (bytes: Uint8Array) => Uint8Array, text: string): string {
  return latin1Of(edit(bytesOf(text)));
}

describe("replaceSeqnum", () => {
  it.each([
    ["at the end", `${ROUTED}X=1\0SEQNUM=9\0`, `${ROUTED}X=1\0SEQNUM=123\0`],
    ["in between", `${ROUTED}SEQNUM=98765\0X=1\0`, `${ROUTED}SEQNUM=123\0X=1\0`],
    ["without digits", `${ROUTED}SEQNUM=\0`, `${ROUTED}SEQNUM=123\0`],
    ["absent: it comes last, as the kernel would append it", ROUTED, `${ROUTED}SEQNUM=123\0`],
    ["another key with that end", `${ROUTED}XSEQNUM=1\0SEQNUM=2\0`, `${ROUTED}XSEQNUM=1\0SEQNUM=123\0`],
  ])("%s", (_, before, after) => {
    expect(edited((bytes) => replaceSeqnum(bytes, 123n), before)).toBe(after);
    expect(edited((bytes) => replaceSeqnum(bytes, 123), before)).toBe(after);
  });

  it("touches no other byte", () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus("kernel")), u64, (bytes, seqnum) => {
        const untouched = good(decode(bytes)).seqnumStart;
        const result = replaceSeqnum(bytes, seqnum);
        expect(latin1Of(result.subarray(0, untouched))).toBe(latin1Of(bytes.subarray(0, untouched)));
        expect(latin1Of(result.subarray(untouched))).toBe(`${seqnum}\0`);
      }),
    );
  });

  it("leaves the bytes that it was given alone", () => {
    const bytes = bytesOf(`${ROUTED}SEQNUM=9\0`);
    replaceSeqnum(bytes, 1);
    expect(latin1Of(bytes)).toBe(`${ROUTED}SEQNUM=9\0`);
  });
});

describe("withoutSeqnum", () => {
  it.each([
    ["at the end", `${ROUTED}X=1\0SEQNUM=9\0`, `${ROUTED}X=1\0`],
    ["in between", `${ROUTED}SEQNUM=98765\0X=1\0`, `${ROUTED}X=1\0`],
    ["twice", `${ROUTED}SEQNUM=1\0X=1\0SEQNUM=2\0`, `${ROUTED}X=1\0`],
    ["twice in a row", `${ROUTED}SEQNUM=1\0SEQNUM=2\0`, ROUTED],
    ["absent", `${ROUTED}XSEQNUM=1\0`, `${ROUTED}XSEQNUM=1\0`],
  ])("%s", (_, before, after) => {
    expect(edited(withoutSeqnum, before)).toBe(after);
  });

  it("is undone by replaceSeqnum for what the kernel sends", () => {
    for (const bytes of corpus("kernel")) {
      const { seqnum = 0n } = good(decode(bytes));
      expect(Buffer.compare(replaceSeqnum(withoutSeqnum(bytes), seqnum), bytes)).toBe(0);
    }
  });
});

describe("withAction", () => {
  it.each([
    ["a longer one", "change", "change@/a\0ACTION=change\0DEVPATH=/a\0SUBSYSTEM=s\0"],
    ["none", "", "@/a\0ACTION=\0DEVPATH=/a\0SUBSYSTEM=s\0"],
  ])("%s", (_, action, after) => {
    expect(edited((bytes) => withAction(bytes, action), ROUTED)).toBe(after);
  });

  it("touches no other byte", () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus("kernel")), fc.constantFrom("add", "change", "remove"), (bytes, action) => {
        const before = good(decode(bytes));
        const result = withAction(bytes, action);
        expect(good(decode(result))).toMatchObject({ action, devpath: before.devpath, state: before.state });
        expect(Buffer.compare(withAction(result, before.action), bytes)).toBe(0);
      }),
    );
  });
});
