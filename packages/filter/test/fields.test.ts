import { RuleError, checkRule, formatRule, parseRule, type Rule } from "@uevent-bridge/filter";
import { describe, expect, test } from "vitest";

describe("a rule that is given as an object is checked as a text is", () => {
  const rows: readonly [what: string, rule: unknown, code: string, ...words: string[]][] = [
    ["a field that is no term", { subsytem: "tty" }, "RULE_UNKNOWN_TERM", "subsytem:", "subsystem=PATTERN?"],
    ["a method of every object", { toString: "x" }, "RULE_UNKNOWN_TERM", "There are:"],
    ["a value with a comma that would end the term", { port: "1-1,exclusive" }, "RULE_SYNTAX", "port:", "literal()"],
    ["a comma that would be its first character", { sysname: ",a" }, "RULE_SYNTAX", "sysname:", "literal()"],
    ["a comma and a blank that would end the term", { subsystem: "block, access=r" }, "RULE_SYNTAX", "literal()"],
    ["a blank that would be dropped", { sysname: "a " }, "RULE_SYNTAX", "sysname:", "literal()"],
    ["a value that looks like ==", { sysname: "=a" }, "RULE_SYNTAX", "literal()"],
    ["a backslash at the end", { sysname: "a\\" }, "RULE_SYNTAX", "sysname:", "backslash"],
    ["a NUL", { attr: { label: "\0" } }, "RULE_SYNTAX", "attr:label:", "NUL"],
    ["a NUL in a key", { attr: { "a\0": "x" } }, "RULE_SYNTAX", "NUL"],
    ["an open bracket", { env: { ID_X: "[a" } }, "RULE_SYNTAX", "env:ID_X:", '"]"'],
    ["a path that is a link", { path: "/sys/class/tty/ttyS0" }, "RULE_SYNTAX", "subsystem=tty,sysname=ttyS0"],
    ["a path that is a node", { path: "/dev/sda" }, "RULE_SYNTAX", "path:", "/devices"],
    ["a number where a text is meant", { port: 1 }, "RULE_SYNTAX", "port:", "port=PATTERN"],
    ["a text where a record is meant", { attr: "serial" }, "RULE_SYNTAX", "attr:", "attr:KEY=PATTERN"],
    ["a mode as a text", { devname: "sda", mode: "0660" }, "RULE_SYNTAX", "mode:", "mode=OCTAL"],
    ["a mode that is too large", { devname: "sda", mode: 0o4755 }, "RULE_SYNTAX", "mode:", "0777"],
    ["a mode with a fraction", { devname: "sda", mode: 0.5 }, "RULE_SYNTAX", "mode:", "octal"],
    ["half an owner", { devname: "sda", owner: { uid: 0 } }, "RULE_SYNTAX", "owner:", "owner=UID:GID"],
    ["a negative owner", { devname: "sda", owner: { uid: -1, gid: 0 } }, "RULE_SYNTAX", "owner:", "numbers"],
    ["an unknown access", { devname: "sda", access: "x" }, "RULE_SYNTAX", "access:", "r, w, rw or rwm"],
    ["a flag that is neither true nor false", { devname: "sda", exclusive: 1 }, "RULE_SYNTAX", "exclusive:"],
    ["an attribute twice", { devname: "sda", sysfs: ["a", "a"] }, "RULE_SYNTAX", "twice"],
    ["one attribute, not in a list", { devname: "sda", sysfs: "a" }, "RULE_SYNTAX", "sysfs"],
    ["an unknown preset", { preset: "bsae" }, "RULE_UNKNOWN_PRESET", "preset=base?"],
    ["no term", {}, "RULE_SYNTAX", "picks nothing"],
    ["only words", { required: true }, "RULE_SYNTAX", "picks nothing"],
    ["nothing", null, "RULE_SYNTAX", "no rule"],
    ["a text in place of an object", "subsystem=tty", "RULE_SYNTAX", "no rule"],
    ["a list", ["subsystem=tty"], "RULE_SYNTAX", "no rule"],
    ["more than a rule can hold", { sysname: "x".repeat(4090) }, "RULE_SYNTAX", "4096"],
  ];
  test.each(rows)("%s", (_, rule, code, ...words) => {
    for (const check of [checkRule, formatRule]) {
      const error = errorOf(() => check(rule as Rule));
      expect({ code: error.code, at: error.at, rule: error.rule }).toEqual({ code, at: undefined, rule: undefined });
      for (const word of words) expect(error.message).toContain(word);
    }
  });
});

test.each<[string, Rule, Rule]>([
  ["/sys before the path", { path: "/sys/devices/virtual" }, { path: "/devices/virtual" }],
  ["USB ids in short", { usb: "46D:1" }, { usb: "046d:0001" }],
  ["words that are false", { devname: "sda", exclusive: false }, { devname: "sda" }],
  ["empty lists and records", { devname: "sda", sysfs: [], attr: {} }, { devname: "sda" }],
])("an object may say %s; it is checked into what a text would give", (_, given, canonical) => {
  expect(checkRule(given)).toEqual(canonical);
  expect(parseRule(formatRule(given))).toEqual(canonical);
});

test.each(["port", "attr", "sysfs", "exclusive", "path"])("a field that is undefined is none: %s", (name) => {
  expect(checkRule({ devname: "sda", [name]: undefined })).toEqual({ devname: "sda" });
});

function errorOf(act: () => unknown): RuleError {
  try {
    act();
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
