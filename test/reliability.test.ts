import { describe, expect, test } from "vitest";

import { rowsIn } from "../scripts/fuzz/figures.mjs";
import { withSection } from "../scripts/reliability.mjs";
import { readPage } from "./docs.js";

const mark = (name: string): string => `<!-- begin ${name} -->\nold ${name}\n<!-- end ${name} -->`;

describe("the figures of a run", () => {
  test("stand in their own section, in place of the old ones, and nowhere else", () => {
    const page = `# Words\n\n${mark("one")}\n\nwords\n\n${mark("two")}\n`;
    const written = withSection(page, "two", "new");
    expect(written).toBe(`# Words\n\n${mark("one")}\n\nwords\n\n<!-- begin two -->\n\nnew\n\n<!-- end two -->\n`);
    expect(withSection(written, "two", "new")).toBe(written);
  });

  test("of a target stand beside those of others that were seen before", () => {
    const rows = [
      "| target | inputs |         on |",
      "| :----- | -----: | ---------: |",
      "| one    |     12 | 2026-11-27 |",
      "| two    |      – |    not yet |",
    ];
    expect([...rowsIn(`words\n\n${rows.join("\n")}\n`)]).toEqual([["one", ["one", "12", "2026-11-27"]]]);
  });

  test("need a section", () => {
    expect(() => withSection("", "one", "new")).toThrow("has no section one");
  });

  test("have a section that begins and ends once", () => {
    const { text } = readPage("docs/reliability.md");
    const names = (what: string) =>
      [...text.matchAll(new RegExp(`<!-- ${what} ([\\w-]+) -->`, "g"))].map(([, name]) => name);
    expect(names("begin")).toEqual([...new Set(names("begin"))]);
    expect(names("end")).toEqual(names("begin"));
  });
});
