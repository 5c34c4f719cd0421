import { readFileSync, readdirSync } from "node:fs";

import { RuleError, compilePolicy, parseRule, presets } from "@uevent-bridge/filter";
import { describe, expect, test } from "vitest";

import { terms } from "../src/terms/table.js";
import { recordedDevices } from "./corpus/corpus.js";

const page = read("../../../docs/rules.md").replaceAll("\\|", "|");
const machine = recordedDevices(
  /^guestudev-(coldplug|usb-kbd|usb-serial|usb-storage|dm|loop-part|drm-virtio-gpu)\.bin$/,
);
const rows = Array.from(page.matchAll(/^\| `(?<rule>[^`]+)`\s+\| (?<picks>`.*`)\s+\|$/gm), ({ groups }) => ({
  rule: groups?.["rule"] ?? "",
  picks: Array.from((groups?.["picks"] ?? "").matchAll(/`([^`]+)`/g), ([, name = ""]) => name),
}));

describe("docs/rules.md", () => {
  test.each(rows)("$rule picks what the page says", ({ rule, picks }) => {
    const { allow } = compilePolicy({ allow: [rule] });
    const picked = machine
      .filter((device) => allow.some((compiled) => compiled.picks(device)))
      .map(({ devpath }) => devpath.split("/").at(-1) ?? "");
    expect(picked.toSorted()).toEqual(picks.toSorted());
  });

  test("shows what each place and kind picks", () => {
    const shown = new Set(rows.flatMap(({ rule }) => Object.keys(parseRule(rule))));
    const picking = terms.filter(({ role }) => role === "place" || role === "kind");
    expect(picking.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  test.each(terms.filter(({ role }) => role === "word"))("says what $usage means", ({ usage }) => {
    expect(page).toContain(`| \`${usage}\``);
  });

  test.each([...presets])("shows what preset=%s picks, and its rules below", (name, rules) => {
    const rule = `preset=${name}`;
    expect(rows.map((row) => row.rule)).toContain(rule);
    const [, block = ""] = /```rules\n(.*?)```/s.exec(page.slice(page.indexOf(`\n\`${rule}\``))) ?? [];
    expect(block.trim().split("\n")).toEqual(rules);
  });

  test("has rules in its blocks that are rules", () => {
    const lines = Array.from(page.matchAll(/```rules\n(.*?)```/gs), ([, block = ""]) =>
      block.trim().split("\n"),
    ).flat();
    for (const line of lines) expect(() => parseRule(line)).not.toThrow();
  });

  test("quotes errors as they are", () => {
    const errors = page.slice(page.indexOf("## When a rule is wrong"));
    const quoted = Array.from(errors.matchAll(/^\| `([^`]+)`\s+\| (.+?)\s+\|$/gm), ([, text, message]) => [
      text,
      message,
    ]);
    expect(quoted.length).toBeGreaterThan(4);
    expect(quoted.map(([text]) => [text, messageOf(text ?? "")])).toEqual(quoted);
  });
});

test("the examples of single functions are run by a test", () => {
  const run = lines(read("example.test.ts"));
  const files = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" });
  const sources = files.filter((name) => name.endsWith(".ts") && name !== "index.ts");
  const examples = sources.flatMap((name) => Array.from(read(`../src/${name}`).matchAll(/@example\n(.*?)\*\//gs)));
  expect(examples.length).toBeGreaterThan(2);
  for (const line of examples.flatMap(([, text = ""]) => lines(text.replaceAll(/^ *\* ?/gm, "")))) {
    const [code = "", comment = ""] = line.split(/;(?= \/\/|$)/);
    expect(run.filter((each) => each.includes(code) && each.includes(comment.trim()))).not.toEqual([]);
  }
});

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function messageOf(text: string): string {
  try {
    parseRule(text);
    return "accepted";
  } catch (error) {
    if (error instanceof RuleError) return error.message;
    throw error;
  }
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}
