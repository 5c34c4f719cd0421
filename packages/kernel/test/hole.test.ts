import { Hole } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

const read = { overrun: false, drained: false };
const overrun = { overrun: true, drained: false };
const drained = { overrun: false, drained: true };

test("a hole is behind what is read until all that waited has been read", () => {
  const hole = new Hole();
  const seen = [read, overrun, read, overrun, drained, drained, read].map((each) => [hole.read(each), hole.isThere]);
  expect(seen).toEqual([
    [false, false],
    [true, true],
    [false, true],
    [false, true],
    [true, false],
    [false, false],
    [false, false],
  ]);
});

test("one that is left is behind what waits", () => {
  const hole = new Hole(true);
  expect([hole.isThere, hole.read(read), hole.read(drained), hole.isThere]).toEqual([true, false, true, false]);
});
