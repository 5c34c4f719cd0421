import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { AgentError, agentPath, shimPath } from "../src/index.js";

/** Bytes: what a container is asked to take. */
const SIZE_MAX = 100_000;

test("the program is small, and needs no library", () => {
  expect(statSync(agentPath()).size).toBeLessThan(SIZE_MAX);
  expect(spawnSync(agentPath(), ["--help"], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  const dynamic = spawnSync("ldd", [agentPath()], { encoding: "utf8" });
  expect(dynamic.stdout + dynamic.stderr).toContain("not a dynamic executable");
});

describe("a package", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "uevent-bridge-agent-"))));
  afterEach(() => rmSync(root, { recursive: true }));

  function put(...directory: readonly string[]): string {
    const path = join(root, ...directory);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "uevent-agent"), "");
    return join(path, "uevent-agent");
  }

  test("as it was installed has the program that came with it", () => {
    const came = put("prebuilds", `linux-${process.arch}`);
    expect(agentPath(root)).toBe(came);
  });

  test("that was built has what was built", () => {
    put("prebuilds", `linux-${process.arch}`);
    const built = put("build");
    expect(agentPath(root)).toBe(built);
  });

  test.each([agentPath, shimPath])("without it says how to build it: $name", (find) => {
    expect(() => find(root)).toThrow(AgentError);
    expect(() => find(root)).toThrow(expect.objectContaining({ code: "ADDON_MISSING" }));
  });
});
