import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { readPage, rowsIn } from "./docs.js";
import { ROOT } from "./packages.js";

const SHOWN = /^`([\w./-]+)` "(.*)"$/;

const promises = rowsIn(readPage("docs/security.md"), "What is promised").filter(([promise]) => promise !== "promise");

test.each(promises)("%s", (_promise, keeper = "", shown = "") => {
  expect(keeper).toMatch(/^`packages\/[\w/.-]+\/(src\/[\w/.-]+\.ts|(native|shim)\/[\w/.-]+\.c)`$/);
  const [, file = "", title = ""] = SHOWN.exec(shown) ?? [];
  expect(title).not.toBe("");
  expect(readFileSync(join(ROOT, file), "utf8")).toContain(title);
});
