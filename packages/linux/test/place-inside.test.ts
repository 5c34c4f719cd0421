import { closeSync } from "node:fs";

import { expect, test, vi } from "vitest";

import { loadAddon } from "../src/addon.js";
import { placeInside } from "../src/place-inside.js";

const addon = loadAddon();

test("a place whose file systems never answer is not known, and nothing of it stays open here", async () => {
  const pipe = addon.openInotify(); // nothing ever comes of it either
  vi.useFakeTimers();
  const place = placeInside({ ...addon, startSurveying: () => pipe }, process.pid, "/");
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();
  expect(await place).toBe("unknown");
  expect(() => closeSync(pipe)).toThrow("EBADF");
});

test.each([
  ["/", { isOurs: true, isRemoved: false }],
  ["/etc/passwd", "no-directory"],
  ["/etc/passwd/below", "no-directory"],
  ["/nowhere/at/all", "absent"],
])("%s is %j", async (path, expected) => {
  const place = await placeInside(addon, process.pid, path);
  if (typeof expected === "string") expect(place).toBe(expected);
  else expect(place).toMatchObject(expected);
});

test("of a process that is not there nothing is known", async () => {
  expect(await placeInside(addon, 4_193_999, "/")).toBe("unknown");
});
