import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { DirectoryWatch } from "../src/directory-watch.js";
import type { Inotify } from "../src/inotify.js";

const MS = 2; // of a reading
const SHARE = 100;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A watch of a directory that takes `MS` to read, and when it was told to be read, in ms from now. */
function watched() {
  const inotify = { add: () => {}, arm: () => {}, updateHold: () => {}, delete: () => {} };
  const watch = new DirectoryWatch(inotify as unknown as Inotify, { path: "/run/box", fd: 3 } as never);
  const begin = performance.now();
  const told: number[] = [];
  watch.onChange = () => {
    told.push(performance.now() - begin);
    watch.timed(() => vi.advanceTimersByTime(MS));
  };
  return { watch, told };
}

test("one that is changed all the time is read for one part in a hundred of it", () => {
  const { watch, told } = watched();
  for (let ms = 0; ms < 1000; ms++) {
    watch.changed();
    vi.advanceTimersByTime(1);
  }
  expect(told).toEqual([0, 1, 2, 3, 4].map((i) => 5 + i * (SHARE + 1) * MS));
});

test("what is changed after a while is seen at once, however long the last reading took", () => {
  const { watch, told } = watched();
  for (let i = 0; i < 3; i++) {
    watch.changed();
    vi.advanceTimersByTime(1000);
  }
  expect(told).toEqual([5, 1005 + MS, 2005 + 2 * MS]);
});
