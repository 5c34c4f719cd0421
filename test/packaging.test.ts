import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageDirectories, readJson, ROOT, type Manifest } from "./packages.js";

/** What Node prints when it runs a script at the root of the tree, where packages resolve to what is built. */
const node = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });

/** Everything that an import loads, one on each line. */
const loadedBy = (specifier: string): string => node("test/print-loaded.mjs", specifier);

const BULKY = /node_modules\/(commander|yargs|yaml|js-yaml|undici|express|fastify)\/|^(node:|NativeModule )https?2?$/m;

describe("importing uevent-bridge", () => {
  test("loads no command-line, YAML or HTTP library", () => {
    const loaded = loadedBy("uevent-bridge");
    expect(loaded).toContain("packages/uevent-bridge/dist/index.js");
    expect(loaded).not.toMatch(BULKY);
  });

  test("as the command does load one: the check can fail", () => {
    expect(loadedBy(join(ROOT, "packages/uevent-bridge/dist/cli.js"))).toMatch(BULKY);
  });

  test.each(packageNames())("%s can be loaded with require()", (name) => {
    expect(node("--eval", `console.log(typeof require(${JSON.stringify(name)}))`)).toBe("object\n");
  });
});

test("the command starts with a line that names its interpreter", () => {
  expect(readFileSync(join(ROOT, "packages/uevent-bridge/dist/cli.js"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

function packageNames(): readonly string[] {
  return packageDirectories().map((directory) => (readJson(`${directory}/package.json`) as Manifest).name);
}
