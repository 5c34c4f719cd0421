import { expect, test } from "vitest";

import type { What } from "../src/outlets/merge.js";
import { merge } from "../src/outlets/merge.js";

const P = "/devices/p";
const C = "/devices/p/c";
const Q = "/devices/q";

/** Events that wait, of which each is `WHAT DEVPATH [PAIR]`; their numbers are 1, 2, 3 … */
function left(...lines: readonly string[]): string[] {
  const waiting = lines.map((line, i) => {
    const [what, devpath, pair = "A=1"] = line.split(" ");
    const text = `${what}@${devpath}\0DEVPATH=${devpath}\0${pair}\0SEQNUM=${i + 1}\0`;
    return { line, bytes: Buffer.from(text), what: what === "unknown" ? undefined : (what as What) };
  });
  const { kept, needless } = merge(waiting);
  expect(kept.length + needless.size).toBe(lines.length);
  return kept.map(({ line }) => line);
}

test.each<[name: string, waiting: string[], left: number[]]>([
  ["a change that is said again, the last", [`changed ${P}`, `changed ${Q}`, `changed ${P}`], [1, 2]],
  ["a change with other properties, each", [`changed ${P} A=1`, `changed ${P} A=2`], [0, 1]],
  ["a device that was not known and has gone, nothing", [`came ${P}`, `changed ${P}`, `else ${P}`, `went ${P}`], []],
  ["the same with one below it, nothing", [`came ${P}`, `came ${C}`, `else ${C}`, `went ${C}`, `went ${P}`], []],
  ["a device that was known and has gone, that", [`changed ${P}`, `went ${P}`], [0, 1]],
  ["one that was known, goes, comes and goes, the first", [`went ${P}`, `came ${P}`, `went ${P}`], [0]],
  ["one that came in place of a known one", [`went ${P}`, `came ${P}`], [0, 1]],
  ["one that came and went twice, nothing", [`came ${P}`, `went ${P}`, `came ${P}`, `went ${P}`], []],
  ["one that was said again and went, all", [`else ${P}`, `went ${P}`], [0, 1]],
  ["another one in between", [`came ${P}`, `came ${Q}`, `went ${P}`], [1]],
  ["an object below a device that goes, all", [`came ${P}`, `else ${P}/queue`, `went ${P}`], [0, 1, 2]],
  ["one below that stays, and what is said of it, all", [`came ${P}`, `else ${C}`, `went ${P}`], [0, 1, 2]],
  ["a path that another one moved to, all", [`came ${Q}`, `moved ${P}`, `went ${Q}`], [0, 1, 2]],
  ["behind a move, nothing of what came and went", [`moved ${P}`, `came ${Q}`, `went ${Q}`], [0]],
  ["what may be a move, all", [`came ${Q}`, `unknown ${P}`, `went ${Q}`], [0, 1, 2]],
])("of what waits is left: %s", (_name, waiting, indices) =>
  expect(left(...waiting)).toEqual(indices.map((i) => waiting[i])),
);
