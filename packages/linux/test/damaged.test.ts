import { describe, expect, test } from "vitest";

import { parseNote } from "../src/dev/made-note.js";
import { evaluate } from "../src/rights/evaluate.js";

/** Found by fuzzing. */
describe("what is damaged, and throws nothing:", () => {
  test("a name in the note of what was made that cannot be decoded", () => {
    const note = parseNote("1 2 3 4 .uevent-bridge.0123\n17 tty%E0\n0 tty%\n18 ttyUSB0\n00 ttyUSB1\n");
    expect(note?.made).toEqual(new Map([["ttyUSB0", 18n]]));
  });

  test("a device program that jumps before its beginning", () => {
    const jump = Uint8Array.of(0x05, 0, 0xf0, 0xff, 0, 0, 0, 0);
    expect(evaluate(jump, new Uint8Array(12))).toBeUndefined();
  });
});
