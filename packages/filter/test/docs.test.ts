import { readFileSync, readdirSync } from "node:fs";

import { RuleError, compilePolicy, parseRule, presets } from "@uevent-bridge/filter";
import { describe, expect, test } from "vitest";

import { terms } from "../src/terms/table.js";
import { recordedDevices } from "./corpus/corpus.js";

const page = read("../../../docs/rules.md").replaceAll("\\|", "|");
const machine = recordedDevices(/^guestudev-(coldplug|usb-kbd|usb-serial|usb-storage|dm|loop-part)\.bin$/);
const rows = Array.from(page.matchAll(/^\| `(?<rule>[^`]+)`\s+\| (?<picks>`.*`)\s+\|$/gm), ({ groups }) => ({
  rule: groups?.["rule"] ?? "",
  picks: Array.from((groups?.["picks"] ?? "").matchAll(/`([^`]+)`/g), ([, name = ""]) => name),
}));

describe("docs/rules.md", () => {
  test.each(rows)("$rule picks what the page says", ({ rule, picks }) => {
    const [compiled] = compilePolicy({ allow: [rule] }).allow;
    const picked = machine
      .filter((device) => compiled?.picks(device))
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

  test("has rules in its blocks that are rules, those of the presets among them", () => {
    const lines = Array.from(page.matchAll(/```rules\n(.*?)```/gs), ([, block = ""]) =>
      block.trim().split("\n"),
    ).flat();
    for (const line of lines) expect(() => parseRule(line)).not.toThrow();
    for (const rule of [...presets.values()].flat()) expect(lines).toContain(rule);
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

describe("examples", () => {
  const tested = lines(read("example.test.ts"));

  test("of the README are run by a test", () => {
    const [, example = ""] = /```ts\n(.*?)```/s.exec(read("../README.md")) ?? [];
    expect(lines(example).filter((line) => !isRun(line))).toEqual([]);
  });

  test("of the source are run by a test", () => {
    const files = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" });
    const sources = files.filter((name) => name.endsWith(".ts")).map((name) => read(`../src/${name}`));
    const examples = sources.flatMap((source) =>
      Array.from(source.matchAll(/@example\n(.*?)\*\//gs), ([, text = ""]) => text),
    );
    expect(examples.length).toBeGreaterThan(2);
    expect(examples.flatMap((text) => lines(text.replaceAll(/^ *\* ?/gm, ""))).filter((line) => !isRun(line))).toEqual(
      [],
    );
  });

  function isRun(line: string): boolean {
    const [code = "", comment] = line.split(/;(?= \/\/|$)/);
    return (
      line.startsWith("import ") || tested.some((run) => run.includes(code) && run.includes(comment?.trim() ?? ""))
    );
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
