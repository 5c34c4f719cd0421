import { expect, test } from "vitest";

import { Budget } from "../src/outlets/budget.js";
import type { Share } from "../src/share.js";

const LIMIT = 10;

/** A budget whose owner can take out so much of what waits as is said, one byte each. */
function openBudget(limit = LIMIT) {
  const state = { needless: 0, merges: 0, wait: 0 };
  const budget = new Budget(limit);
  const merge = () => {
    state.merges++;
    return Array.from({ length: state.needless }, () => ({ bytes: Uint8Array.of(1) }));
  };
  budget.mergeBy(merge, {
    get wait() {
      return state.wait;
    },
    take: (work: () => unknown) => work(),
  } as unknown as Share);
  const take = (bytes: number): void => budget.take(new Uint8Array(bytes));
  return { budget, state, take };
}

test("there is room for as long as less waits than may, and again when some was sent", () => {
  const { budget, take } = openBudget();
  take(LIMIT - 1);
  expect(budget.makeRoom()).toBe(true);
  take(1);
  expect(budget.makeRoom()).toBe(false);
  budget.give(new Uint8Array(1));
  expect(budget.makeRoom()).toBe(true);
});

test("what has become needless makes room, and is counted once", () => {
  const { budget, state, take } = openBudget();
  take(LIMIT);
  state.needless = LIMIT / 2;
  expect(budget.makeRoom()).toBe(true);
  expect([budget.takeMerged(), budget.takeMerged()]).toEqual([LIMIT / 2, 0]);
  take(LIMIT / 2 - 1);
  expect([budget.makeRoom(), state.merges]).toEqual([true, 1]);
});

test("where that made less than half free, it is not tried again before half of it was sent", () => {
  const { budget, state, take } = openBudget();
  take(LIMIT);
  state.needless = LIMIT / 2 - 1;
  expect(budget.makeRoom()).toBe(true);
  take(LIMIT);
  expect([budget.makeRoom(), state.merges]).toEqual([false, 1]);
  budget.give(new Uint8Array(LIMIT));
  take(LIMIT);
  expect([budget.makeRoom(), state.merges]).toEqual([false, 1]);
  budget.give(new Uint8Array(LIMIT + 1));
  take(LIMIT);
  expect([budget.makeRoom(), state.merges]).toEqual([false, 2]);
});

test("nothing is merged while its container has had its share of the time, and what it can be afterwards", () => {
  const { budget, state, take } = openBudget();
  take(LIMIT);
  state.needless = LIMIT;
  state.wait = 1;
  expect([budget.makeRoom(), state.merges]).toEqual([false, 0]);
  state.wait = 0;
  expect([budget.makeRoom(), state.merges]).toEqual([true, 1]);
});

test("who needed that once has it done each time that twice as much waits as it left, until all was sent", () => {
  const { budget, state, take } = openBudget(256);
  take(256);
  state.needless = 256;
  expect([budget.makeRoom(), state.merges]).toEqual([true, 1]);
  take(1);
  state.needless = 0;
  expect([budget.makeRoom(), state.merges]).toEqual([true, 2]);
  take(1);
  expect([budget.makeRoom(), state.merges]).toEqual([true, 3]);
  take(1);
  expect([budget.makeRoom(), state.merges]).toEqual([true, 3]); // 4 are as many again as were left
  budget.takeMerged();
  take(252);
  expect([budget.makeRoom(), state.merges]).toEqual([true, 3]);
});

test("and loses nothing by it for as long as there is room", () => {
  const { budget, state, take } = openBudget();
  take(LIMIT);
  state.needless = LIMIT - 4;
  expect(budget.makeRoom()).toBe(true);
  take(4);
  state.needless = 1;
  expect([budget.makeRoom(), state.merges]).toEqual([true, 2]); // 7 wait
  take(3);
  expect([budget.makeRoom(), state.merges]).toEqual([true, 3]); // 9
  take(1);
  expect([budget.makeRoom(), state.merges]).toEqual([false, 3]);
});
