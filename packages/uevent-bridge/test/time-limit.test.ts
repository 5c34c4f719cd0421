import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { expect, test } from "vitest";

import { TimeLimit } from "../src/command/time-limit.js";

const LONG_MS = 60_000;

/** Collects garbage. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

test("a limit comes although garbage is collected before", async () => {
  const asked = new AbortController();
  using limit = new TimeLimit(asked.signal, 100);
  const aborted = once(limit.signal, "abort");
  setTimeout(collect, 10);
  await aborted;
  expect(asked.signal.aborted).toBe(false);
});

test("the signal that it was given aborts it", () => {
  const asked = new AbortController();
  using limit = new TimeLimit(asked.signal, LONG_MS);
  asked.abort();
  expect(limit.signal.aborted).toBe(true);
});

test("it does not come once it is disposed of", async () => {
  const limit = new TimeLimit(new AbortController().signal, 10);
  limit[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(limit.signal.aborted).toBe(false);
});
