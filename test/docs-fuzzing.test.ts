import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";

import { expect, test } from "vitest";

import { readPage, rowsIn } from "./docs.js";
import { ROOT } from "./packages.js";

const namesIn = (directory: string, extension: string): readonly string[] =>
  readdirSync(join(ROOT, directory))
    .filter((name) => extname(name) === extension)
    .map((name) => basename(name, extension));

const targets = [...namesIn("test/fuzz/targets", ".ts"), ...namesIn("test/fuzz/native", ".c")].toSorted();
const rows = rowsIn(readPage("docs/fuzzing.md"));
const decoders = rows.filter((row) => row.length === 4 && row[0] !== "bytes");
const promises = rows.filter((row) => row.length === 2 && row[0] !== "target");
const unquoted = (cell = ""): string => cell.replaceAll("`", "");

test("each target is of a decoder, promises something, has kept inputs and a figure, and no page names another", () => {
  const figures = JSON.parse(readFileSync(join(ROOT, "test/fuzz/coverage.json"), "utf8")) as Record<string, unknown>;
  expect([...new Set(decoders.map(([, , , target]) => unquoted(target)))].toSorted()).toEqual(targets);
  expect(promises.map(([target]) => unquoted(target)).toSorted()).toEqual(targets);
  expect(readdirSync(join(ROOT, "test/fuzz/corpus")).toSorted()).toEqual(targets);
  expect(Object.keys(figures).toSorted()).toEqual(targets);
});

test.each(decoders)("%s, which come from %s, are decoded in %s, of which the target %s is", (_1, _2, file, target) => {
  const path = unquoted(file);
  expect(existsSync(join(ROOT, path))).toBe(true);
  const [source = ""] = [`test/fuzz/targets/${unquoted(target)}.ts`, `test/fuzz/native/${unquoted(target)}.c`].filter(
    (each) => existsSync(join(ROOT, each)),
  );
  expect(source).not.toBe("");
});

test("the kept inputs are few", () => {
  const corpus = join(ROOT, "test/fuzz/corpus");
  const files = readdirSync(corpus, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name)).length, 0);
  expect(bytes).toBeLessThan(300 * 1024);
});
