import { RuleError, checkWords, type Words } from "@uevent-bridge/filter";
import { expect, test } from "vitest";

test("words of a grant are as a rule would have them: those that are false are left out", () => {
  const words: Words = { access: "r", exclusive: false, as: "disk", owner: { uid: 1, gid: 2 }, sysfs: ["a", "b"] };
  expect(checkWords(words)).toEqual({ access: "r", as: "disk", owner: { uid: 1, gid: 2 }, sysfs: ["a", "b"] });
  expect(checkWords({ exclusive: true, mode: 0, required: false })).toEqual({ exclusive: true, mode: 0 });
});

test.each([
  ["required", { required: true }, '"required" means nothing in a grant'],
  ["a place", { port: "1-1" }, '"port" means nothing in a grant'],
  ["a preset", { preset: "base" }, '"preset" means nothing in a grant'],
  ["a mode that is none", { mode: 0o17777 }, "is no mode"],
])("%s is refused", (_, words, said) => {
  const check = (): Words => checkWords(words as Words);
  expect(check).toThrow(RuleError);
  expect(check).toThrow(said);
});
