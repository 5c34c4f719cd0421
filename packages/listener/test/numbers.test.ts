import { expect, test } from "vitest";

import { Numbers } from "../src/numbers.js";

type Step = number | { skip: number | "unknown" } | "restart";

test.each<[string, readonly Step[], readonly number[]]>([
  ["one after the other", [1, 2, 3], [0, 0, 0]],
  ["a step", [1, 5], [0, 3]],
  ["the first ones", [4], [3]],
  ["a step that was announced", [1, { skip: 3 }, 5], [0, 0]],
  ["a step that is greater than announced", [1, { skip: 3 }, 7], [0, 2]],
  ["a step that is smaller than announced", [1, { skip: 3 }, 2, 3], [0, 0, 0]],
  ["a step after a gap of unknown size", [1, { skip: "unknown" }, 9, 10], [0, 0, 0]],
  ["and another gap before it", [1, { skip: "unknown" }, { skip: 2 }, 9], [0, 0]],
  ["another count", [1, 2, "restart", 1, 2], [0, 0, 0, 0]],
  ["another count without a word", [7, 1, 2], [6, 0, 0]],
])("missing: %s", (_, steps, missing) => {
  const numbers = new Numbers();
  const seen: number[] = [];
  for (const step of steps) {
    if (typeof step === "number") seen.push(numbers.take(step));
    else if (step === "restart") numbers.restart();
    else numbers.skip(step.skip);
  }
  expect(seen).toEqual(missing);
});
