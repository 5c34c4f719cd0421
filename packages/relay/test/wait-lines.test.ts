import { expect, test } from "vitest";

import type { Released } from "../src/waiting.js";
import { Waiting } from "../src/waiting.js";

const [A, B] = ["/devices/a", "/devices/b"] as const;

function keep(waiting: Waiting<string>, name: string, devpath: string, around?: string): void {
  expect(waiting.holds(devpath, around)).toBe(true);
  expect(waiting.keep(name, devpath, around)).toBe(true);
}

const names = ({ kept }: Released<string>): string[] => kept.map(({ item }) => item);

test.each([
  ["the path itself", A, undefined, true],
  ["a path below", `${A}/x/y`, undefined, true],
  ["a path beside that begins alike", `${A}x`, undefined, false],
  ["a path above", "/devices", undefined, false],
  ["what takes away a path above", "/devices", "/devices", true],
  ["what takes away a path below", B, `${A}/x`, true],
  ["what takes away a path beside", B, "/devices/c", false],
  ["what comes to a path above", "/devices", B, true],
])("where a path is held, %s waits or does not", (_, devpath, around, waits) => {
  const waiting = new Waiting<string>(100);
  waiting.hold(A);
  expect(waiting.holds(devpath, around)).toBe(waits);
  waiting.release(A);
  expect(waiting.holds(devpath, around)).toBe(false);
  expect(waiting.isEmpty).toBe(true);
});

test("what takes a path away waits for all that is read around it, and what follows waits behind it", () => {
  const waiting = new Waiting<string>(100);
  waiting.hold(`${A}/x`);
  waiting.hold(B);
  keep(waiting, "1", `${A}/x`);
  keep(waiting, "2", B);
  keep(waiting, "3", `${A}/x/y`);
  keep(waiting, "move", B, A);
  keep(waiting, "behind", `${A}/new`);
  expect(names(waiting.release(`${A}/x`))).toEqual([]); // B is being read still
  expect(names(waiting.release(B))).toEqual(["1", "2", "3", "move", "behind"]);
  expect([waiting.isEmpty, waiting.isFull]).toEqual([true, false]);
});

test("paths that are held together are released together", () => {
  const waiting = new Waiting<string>(100);
  waiting.hold(B, A);
  keep(waiting, "1", A);
  keep(waiting, "2", B);
  expect(names(waiting.release(B))).toEqual(["1", "2"]);
  expect(waiting.holds(A)).toBe(false);
});

test("no more waits than may", () => {
  const waiting = new Waiting<string>(2);
  waiting.hold(A);
  keep(waiting, "1", A);
  expect(waiting.isFull).toBe(true);
  expect(waiting.keep("2", A)).toBe(false);
  expect(names(waiting.release(A))).toEqual(["1"]);
  expect(waiting.isFull).toBe(false);
});

test("what waits again does so at once, with its paths and before what comes then", () => {
  const waiting = new Waiting<string>(100);
  waiting.hold(A, B);
  for (const name of ["1", "2", "3"]) keep(waiting, name, A);
  const released = waiting.release(A);
  waiting.hold(A); // by the first
  waiting.holdAgain(A, released, 1);
  keep(waiting, "4", B);
  expect(names(waiting.release(A))).toEqual(["2", "3", "4"]);
  expect(waiting.isEmpty).toBe(true);
});

test("there is room again for as many as were released", () => {
  const waiting = new Waiting<string>(3);
  for (let round = 0; round < 3; round++) {
    waiting.hold(A);
    expect([waiting.keep("1", A), waiting.keep("2", A), waiting.keep("3", A)]).toEqual([true, true, false]);
    expect(names(waiting.release(A))).toEqual(["1", "2"]);
    expect(waiting.isEmpty).toBe(true);
  }
});

test("who waits again takes room again", () => {
  const waiting = new Waiting<string>(4);
  waiting.hold(A);
  for (const name of ["1", "2", "3"]) keep(waiting, name, A);
  const released = waiting.release(A);
  waiting.hold(A);
  waiting.holdAgain(A, released, 1);
  expect([waiting.keep("4", A), waiting.keep("5", A)]).toEqual([true, false]);
  expect(names(waiting.release(A))).toEqual(["2", "3", "4"]);
});

test("who waits for itself does not wait for what is above it too", () => {
  const waiting = new Waiting<string>(100);
  waiting.hold(`${A}/x`);
  waiting.hold(A);
  keep(waiting, "1", `${A}/x`);
  keep(waiting, "2", A);
  expect(names(waiting.release(A))).toEqual(["2"]);
  expect(names(waiting.release(`${A}/x`))).toEqual(["1"]);
});

test("what was held below a path keeps nobody waiting once it is released", () => {
  const waiting = new Waiting<string>(100);
  waiting.hold(B, `${A}/x`);
  waiting.hold(`${A}/y`);
  for (const name of ["x", "y"]) waiting.hold(`${A}/${name}/below`);
  const waits = () => waiting.holds("/devices/c", A);
  for (const path of [`${A}/x/below`, `${A}/y/below`, `${A}/y`]) {
    waiting.release(path);
    expect(waits()).toBe(true);
  }
  waiting.hold("/devices/d");
  waiting.release(B);
  expect([waits(), waiting.isEmpty]).toEqual([false, false]);
});
