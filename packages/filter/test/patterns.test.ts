import { Router, type Rule } from "@uevent-bridge/filter";
import { expect, test } from "vitest";

import { TestDevice } from "./corpus/test-device.js";
import { matches, matchesPath } from "./plain/pattern.js";

const STRAY = "\udcff"; // a byte that was no UTF-8

const values: readonly [pattern: string, matching: readonly string[], other: readonly string[]][] = [
  ["abc", ["abc"], ["", "ab", "abcd", "ABC"]],
  ["", [""], ["a"]],
  ["a|b|", ["a", "b", ""], ["ab", "|"]],
  ["*", ["", "a", "a/b", "\n", STRAY], []],
  ["a*", ["a", "ab", "a\n/b"], ["", "ba"]],
  ["*a", ["a", "ba", "aa"], ["", "ab"]],
  ["a*b*c", ["abc", "a-b-c", "abbcc"], ["ac", "abcx", "cba"]],
  ["**", ["", "x"], []],
  ["?", ["a", "/", "é", "\u{1F50C}", STRAY], ["", "ab", "\u{1F50C}x", STRAY + STRAY]],
  ["*?", ["a", "\u{1F50C}"], [""]],
  ["?x", ["ax", "\uffffx", "\u{10000}x"], ["x", "aax"]],
  ["[abc]x", ["ax", "cx"], ["x", "dx", "abcx"]],
  ["[a-c0]", ["a", "b", "c", "0"], ["-", "d", "1"]],
  ["[!a-c]", ["d", "!", "\u{1F50C}", STRAY], ["a", "b", "", "dd"]],
  ["[a!]", ["a", "!"], ["b"]],
  ["[-a]", ["-", "a"], ["b"]],
  ["[a-]", ["-", "a"], ["b"]],
  ["[a\\-c]", ["-", "a", "c"], ["b"]],
  ["[\\!a]", ["!", "a"], ["b"]],
  ["[\\]\\\\]", ["]", "\\"], ["[", "\\\\"]],
  ["[*?]", ["*", "?"], ["a", ""]],
  ["[\u{1F50B}-\u{1F50D}]", ["\u{1F50C}"], ["\u{1F50E}", "\ud83d"]],
  ["[\udc80-\udcff]", [STRAY, "\udc80"], ["a", "\u{1F50C}"]],
  ["*[\udc80-\udcff]", [STRAY, `\u{1F4B3}${STRAY}`], ["a", "\u{1F4B3}"]],
  ["\\*\\?\\[\\]\\|\\\\", ["*?[]|\\"], ["a?[]|\\"]],
  ["\\a", ["a"], ["\\a"]],
];

const paths: typeof values = [
  ["/devices", ["/devices", "/devices/a", "/devices/a/b"], []],
  ["/devices/a", ["/devices/a", "/devices/a/b/c"], ["/devices", "/devices/ab", "/devices/b/a"]],
  ["/devices/usb1", ["/devices/usb1"], ["/devices/usb10"]],
  ["/devices/a*", ["/devices/a", "/devices/ab/c"], ["/devices/b", "/devices/ba", "/devices/b/devices/ab"]],
  ["/devices/*/b", ["/devices/a/b", "/devices/a/b/c"], ["/devices/b", "/devices/a/a/b"]],
  ["/devices/**/b", ["/devices/b", "/devices/a/b", "/devices/a/a/b/c"], ["/devices", "/devices/a", "/devices/ab"]],
  ["/devices/**", ["/devices", "/devices/a/b"], []],
  ["/devices/a/**/b/**/c", ["/devices/a/b/c", "/devices/a/x/b/x/b/x/c"], ["/devices/a/c", "/devices/a/x/c/b"]],
  ["/devices/**/**/*", ["/devices/a"], ["/devices"]],
  ["/devices/[!a]", ["/devices/b"], ["/devices/a", "/devices/bc"]],
  ["/devices/[!\\/a]*", ["/devices/b", "/devices/bc/d"], ["/devices", "/devices/a"]],
  ["/devices/a\\|b", ["/devices/a|b"], ["/devices/a", "/devices/b"]],
  ["/devices/\\*", ["/devices/*"], ["/devices/a"]],
];

test.each(values)("the pattern %j matches the whole of %j and nothing of %j", (pattern, matching, other) => {
  for (const value of matching)
    expect([value, label(pattern, value), matches(pattern, value)]).toEqual([value, true, true]);
  for (const value of other)
    expect([value, label(pattern, value), matches(pattern, value)]).toEqual([value, false, false]);
});

test.each(paths)("the path %s is that of %j or above it, and not of %j", (path, matching, other) => {
  for (const devpath of matching)
    expect([devpath, isAt(path, devpath), matchesPath(path, devpath)]).toEqual([devpath, true, true]);
  for (const devpath of other)
    expect([devpath, isAt(path, devpath), matchesPath(path, devpath)]).toEqual([devpath, false, false]);
});

test("an absent value never matches", () => {
  expect(picks({ attr: { label: "*" } }, new TestDevice("/devices/a", "misc"))).toBe(false);
});

test("patterns that make others run for ever are done at once", () => {
  const start = Date.now();
  expect(label(`${"*a".repeat(2_000)}*b`, "a".repeat(4_096))).toBe(false);
  expect(label("*?".repeat(2_000), "a".repeat(4_096))).toBe(true);
  expect(isAt(`/devices${"/**/a".repeat(300)}/b`, `/devices${"/a".repeat(400)}`)).toBe(false);
  expect(Date.now() - start).toBeLessThan(2_000);
});

function label(pattern: string, value: string): boolean {
  return picks(
    { attr: { label: pattern } },
    new TestDevice("/devices/a", "misc", { attributes: new Map([["label", value]]) }),
  );
}

function isAt(path: string, devpath: string): boolean {
  return picks({ path }, new TestDevice(devpath, "misc"));
}

/** As the rule alone says, and as the router finds it. */
function picks(rule: Rule, device: TestDevice): boolean {
  const router = new Router<string>();
  const selector = router.add("allow", rule, "box");
  const picked = selector.picks(device);
  expect(router.picks(device)).toEqual(picked ? [selector] : []);
  return picked;
}
