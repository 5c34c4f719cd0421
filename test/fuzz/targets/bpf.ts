import assert from "node:assert/strict";
import { evaluate } from "../../../packages/linux/src/rights/evaluate.js";
import {
  canBeCopied,
  deviceProgram,
  programBefore,
  usesStack,
} from "../../../packages/linux/src/rights/instructions.js";
import {
  accessBits,
  contextOf,
  covers,
  keyOf,
  lineOf,
  wildcardsOf,
} from "../../../packages/linux/src/rights/number.js";
import { holds } from "../engine/target.js";
import { main } from "../engine/watch.js";

const SIZE = 8;
const NULL = { type: "char", major: 1, minor: 3 } as const;
/** As a runtime writes it: r2 is the type and the access, and so on. */
const RUNTIME =
  "61120000000000005402000000ffff00 6113040000000000 6114080000000000 55020200010000 00b700000001000000 9500000000000000 b700000000000000 9500000000000000";

main({
  run(bytes) {
    const [map = 0] = bytes;
    const program = Uint8Array.from(bytes.subarray(1, 1 + Math.floor((bytes.length - 1) / SIZE) * SIZE));
    const contexts = ["r", "w", "rwm"].map((access) => contextOf(NULL, access));
    for (const context of contexts) evaluate(program, context);
    evaluate(bytes, Uint8Array.from(contexts[0] ?? []));
    holds(program.length > 0 || !canBeCopied(program), "what is hidden is copied");
    usesStack(program);
    const before = programBefore(deviceProgram(map, program));
    holds(before !== undefined && Buffer.compare(before, program) === 0, "what was there before is not put back");
    assert.equal(programBefore(deviceProgram(map)), undefined);
    programBefore(bytes);
    assert.equal(keyOf(NULL).length, 12);
    holds(
      wildcardsOf(NULL).every((each) => covers(each, NULL)) &&
        lineOf(NULL) === "c 1:3" &&
        accessBits("rw").length === 4,
      "numbers are others",
    );
  },
  seeds: () => [
    Uint8Array.of(1, ...Buffer.from(RUNTIME.replaceAll(" ", ""), "hex")),
    Uint8Array.of(2, 0x05, 0, 0xff, 0xff, 0, 0, 0, 0),
    Uint8Array.of(3, 0x18, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0),
  ],
});
