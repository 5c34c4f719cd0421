import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { check, decode, encodeEvent, stateFromUeventFile } from "@uevent-bridge/uevent";

import { bytesOf, good, latin1Of } from "./bytes.js";
import { corpus } from "./corpus.js";

describe("stateFromUeventFile", () => {
  it.each([
    ["no lines", "", ""],
    ["lines", "MAJOR=7\nMINOR=0\nDEVNAME=loop0\n", "MAJOR=7\0MINOR=0\0DEVNAME=loop0\0"],
    ["values with = and nothing", "A==\nB=\n", "A==\0B=\0"],
    ["no newline at the end", "A=1", "A=1\0"],
    ["a value with a newline", 'NAME="a\nb"\nX=1\n', 'NAME="a\nb"\0X=1\0'],
    ["a value that ends in a newline, as a CPU's MODALIAS", "MODALIAS=cpu\n\nX=1\n", "MODALIAS=cpu\n\0X=1\0"],
    ["the same at the end", "MODALIAS=cpu\n\n", "MODALIAS=cpu\n\0"],
    ["a first line without =", "junk\nX=1\n", "X=1\0"],
    ["a line without a key", "X=1\n=junk\n", "X=1\n=junk\0"],
    [
      "a name that forges an event's own keys",
      'NAME="a\nDEVPATH=/b\nSEQNUM=1"\nX=1\n',
      'NAME="a\nDEVPATH=/b\nSEQNUM=1"\0X=1\0',
    ],
    [
      "a name that forges a key that is there",
      'DEVNAME=a\nNAME="x\nDEVNAME=sda"\n',
      'DEVNAME=a\0NAME="x\nDEVNAME=sda"\0',
    ],
    ["a forged first line", "SEQNUM=1\nX=1\n", "X=1\0"],
    ["a NUL, which sysfs never has", "NAME=a\0DEVNAME=sda\n", "NAME=aDEVNAME=sda\0"],
    ["every byte", "A=\xff\x80\n", "A=\xff\x80\0"],
  ])("%s", (_, file, state) => {
    expect(stateFromUeventFile(bytesOf(file))).toBe(state);
  });

  it("gives back each state that the kernel sent", () => {
    for (const bytes of corpus("kernel")) {
      const { state } = good(decode(bytes));
      expect(stateFromUeventFile(bytesOf(state.replaceAll("\0", "\n")))).toBe(state);
    }
  });

  it("never makes an event that is malformed", () => {
    const file = fc.string({ unit: fc.constantFrom(...Array.from("\n\0==AB"), "SEQNUM", "ACTION", "\xff") });
    fc.assert(
      fc.property(file, (text) => {
        const bytes = encodeEvent("add", "/a", "s", stateFromUeventFile(bytesOf(text)), 1);
        expect(check(good(decode(bytes))), latin1Of(bytes)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });
});
