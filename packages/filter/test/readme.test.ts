import { readFileSync } from "node:fs";
import { formatWithOptions } from "node:util";

import { format } from "prettier";
import { describe, expect, it } from "vitest";

import * as filter from "@uevent-bridge/filter";

const source = readFileSync(new URL("../src/index.ts", import.meta.url), "utf8");
const comment = source.slice("/**\n".length, source.indexOf("\n */"));
const documentation = comment.replaceAll(/^ \* ?/gm, "");
const [prose = "", rest = ""] = documentation.split("@example\n");
const example = rest.slice(0, rest.indexOf("@packageDocumentation")).trim();

/** Runs the example and gives what it prints, line by line. */
function run(code: string): string[] {
  const lines: string[] = [];
  const log = (...values: unknown[]) => lines.push(formatWithOptions({ colors: false }, ...values));
  const body = code.replace(/import (\{.*\}) from "@uevent-bridge\/filter";/, "const $1 = filter;");
  // oxlint-disable-next-line typescript/no-implied-eval -- the example of our own documentation
  const main = new Function("filter", "console", body) as (library: object, console: object) => void;
  main(filter, { log });
  return lines;
}

describe("the documentation of the package", () => {
  it("has an example that prints what its comments say", () => {
    const expected = Array.from(example.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm), ([, comment]) => comment);
    expect(expected.length).toBe(2);
    expect(run(example)).toEqual(expected);
  });

  it("is the README (`vitest -u` writes it)", async () => {
    const markdown = `# @uevent-bridge/filter\n\n${prose}## Example\n\n\`\`\`ts\n${example}\n\`\`\`\n`;
    await expect(await format(markdown, { parser: "markdown", printWidth: 120 })).toMatchFileSnapshot("../README.md");
  });
});
