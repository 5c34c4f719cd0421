import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromText, toText } from "@uevent-bridge/uevent";

import { latin1Of } from "./bytes.js";

describe("bytes and text", () => {
  it.each([
    ["ASCII", "loop0", "loop0"],
    ["nothing", "", ""],
    ["two bytes", "\xc3\xa9", "é"],
    ["three bytes", "\xe2\x82\xac", "€"],
    ["four bytes", "\xf0\x9f\x94\x8c", "🔌"],
    ["the last code point", "\xf4\x8f\xbf\xbf", "\u{10ffff}"],
    ["a byte that begins nothing", "a\xffb", "a\udcffb"],
    ["a continuation alone", "\x80", "\udc80"],
    ["a sequence that is cut off", "\xe2\x82", "\udce2\udc82"],
    ["a sequence that is broken off", "\xe2\x82A", "\udce2\udc82A"],
    ["a NUL with two bytes", "\xc0\x80", "\udcc0\udc80"],
    ["a slash with three bytes", "\xe0\x80\xaf", "\udce0\udc80\udcaf"],
    ["a surrogate in UTF-8", "\xed\xb2\x80", "\udced\udcb2\udc80"],
    ["beyond the last code point", "\xf4\x90\x80\x80", "\udcf4\udc90\udc80\udc80"],
    ["a lead of five bytes", "\xf8\x88\x80\x80\x80", "\udcf8\udc88\udc80\udc80\udc80"],
    ["four bytes, then a bad one", "\xf0\x9f\x94\x8c\x80", "🔌\udc80"],
  ])("%s", (_, bytes, text) => {
    expect(toText(bytes)).toBe(text);
    expect(fromText(text)).toBe(bytes);
  });

  it("are exact inverses for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => fromText(toText(latin1Of(bytes))) === latin1Of(bytes)),
      { numRuns: 2000 },
    );
  });

  it("agree with the runtime's own UTF-8 for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const bytes = latin1Of(new TextEncoder().encode(text));
        return fromText(text) === bytes && toText(bytes) === text;
      }),
      { numRuns: 300 },
    );
  });

  it.each(["\ud800", "\udbff", "\udc00", "\udc7f", "\udd00", "\udfff"])(
    "a lone surrogate that stands for no byte becomes U+FFFD (%j)",
    (surrogate) => {
      expect(fromText(`a${surrogate}`)).toBe("a\xef\xbf\xbd");
    },
  );
});
