import { Hole } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

const read = { count: 3, overrun: false, drained: false };
const overrun = { count: 0, overrun: true, drained: false };
const drained = { count: 0, overrun: false, drained: true };

test("what is read before all that waited has been read is in front of a hole, and what is read then is behind it", () => {
  const hole = new Hole();
  const seen = [read, overrun, read, read, drained, drained, read, drained].map((each) => [
    hole.read(each),
    hole.isThere,
  ]);
  expect(seen).toEqual([
    [false, false],
    [true, true],
    [false, true],
    [false, true],
    [false, true],
    [false, true],
    [true, false],
    [false, false],
  ]);
});

test("another hole behind one takes its place", () => {
  const hole = new Hole();
  for (const each of [overrun, drained, overrun, read]) hole.read(each);
  expect(hole.isThere).toBe(true);
});

test("one that is left is in front of what waits", () => {
  const hole = new Hole(true);
  expect([hole.isThere, hole.read(read), hole.isThere, hole.read(drained), hole.read(read), hole.isThere]).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
});
