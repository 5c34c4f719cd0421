import { expect, test } from "vitest";

import { columns } from "../../src/text/columns.js";
import { jsonLine } from "../../src/text/json.js";
import { printable } from "../../src/text/printable.js";

const steering: [name: string, text: string, shown: string][] = [
  ["an escape sequence", "\x1b[2J", "\\u001b[2J"],
  ["a newline", "a\nb", "a\\u000ab"],
  ["an eight-bit control sequence introducer", "\u009b2J", "\\u009b2J"],
  ["delete", "\x7f", "\\u007f"],
  ["an override of the writing direction", "\u202egnp", "\\u202egnp"],
  ["a line separator", "\u2028", "\\u2028"],
  ["a byte that was not UTF-8", "\udcff", "\\udcff"],
  ["ordinary text of any script", "Größe 大小 😀", "Größe 大小 😀"],
];

test.each(steering)("%s is shown and not obeyed", (_name, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test.each(steering)("%s in JSON comes back as it was", (_name, text) => {
  const line = jsonLine({ text });
  expect(JSON.parse(line)).toEqual({ text });
  expect(line.trimEnd()).toBe(printable(line.trimEnd()));
});

test("columns are as wide as their widest cell, the last one is not padded", () => {
  expect(
    columns([
      ["a", "bb", "c"],
      ["aaa", "b", ""],
      ["", "b"],
    ]),
  ).toEqual(["a    bb  c", "aaa  b   ", "     b"]);
});
