import { expect, test, vi } from "vitest";

import { onceMore } from "../src/errno.js";

const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

test.each(["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EPERM"])("what fails with %s is tried once more", (code) => {
  const work = vi.fn(() => "done").mockImplementationOnce(failing(code));
  expect(onceMore(work)).toBe("done");
  expect(work).toHaveBeenCalledTimes(2);
  const never = vi.fn(failing(code));
  expect(() => onceMore(never)).toThrow(code);
  expect(never).toHaveBeenCalledTimes(2);
});

test("what fails otherwise is not", () => {
  const work = vi.fn(failing("ENOTEMPTY"));
  expect(() => onceMore(work)).toThrow("ENOTEMPTY");
  expect(work).toHaveBeenCalledTimes(1);
});
