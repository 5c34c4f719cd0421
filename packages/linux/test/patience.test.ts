import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Patience } from "../src/dev/patience.js";

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

function pass(ms: number): void {
  vi.advanceTimersByTime(ms);
}

test("comes back in twenty times as long as it was lost, and no more than it was", () => {
  const patience = new Patience();
  patience.lose(500);
  pass(1000);
  expect(patience.left).toBe(550);
  pass(MINUTE);
  expect(patience.left).toBe(1000);
});

test("comes back half as fast each time that it is given up, to a bound, and twice as fast for each minute without that", () => {
  const patience = new Patience();
  patience.lose(1000);
  patience.giveUp();
  expect(patience.until(50)).toBe(2000);
  for (let i = 0; i < 20; i++) patience.giveUp();
  expect(patience.until(50)).toBe(50 * 1280);
  pass(7 * MINUTE);
  patience.lose(patience.left);
  expect(patience.until(50)).toBe(1000);
});
