import { expect, test } from "vitest";

import { doEach } from "../src/undo.js";

test("each of very many steps is done, whatever others throw", () => {
  let done = 0;
  const steps = Array.from({ length: 20_000 }, (_, i) => () => {
    done++;
    if (i % 1000 === 0) throw new Error(`${i}`);
  });
  expect(() => doEach(...steps)).toThrow("19000");
  expect(done).toBe(20_000);
});
