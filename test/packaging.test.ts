import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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

describe("the command", () => {
  const { bin } = readJson("packages/uevent-bridge/package.json") as { readonly bin: Readonly<Record<string, string>> };
  const program = join(ROOT, "packages/uevent-bridge", bin["uevent-bridge"] ?? "");

  test("can be run as the file that npm links", () => {
    expect(execFileSync(program, ["--version"], { encoding: "utf8" })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("is no file that is built: it is there when npm links it in a clone", () => {
    expect(bin["uevent-bridge"]).not.toMatch(/^\.\/(dist|build|prebuilds)\//);
  });

  test("says what to do where it is not built", () => {
    const place = mkdtempSync(join(tmpdir(), "uevent-bridge-bin-"));
    try {
      cpSync(program, join(place, "uevent-bridge.mjs"));
      const { status, stderr } = spawnSync(join(place, "uevent-bridge.mjs"), { encoding: "utf8" });
      expect(status).toBe(1);
      expect(stderr).toMatch(/not built\n.*npm run build/);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});

function packageNames(): readonly string[] {
  return packageDirectories().map((directory) => (readJson(`${directory}/package.json`) as Manifest).name);
}
