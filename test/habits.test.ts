import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faultsIn } from "./habits.js";
import { packageDirectories, ROOT, sourcesOf } from "./packages.js";

test.each(packageDirectories())("%s keeps the habits", (directory) => {
  const faults = sourcesOf(directory).map(
    (file) => [file, faultsIn(file, readFileSync(join(ROOT, file), "utf8"))] as const,
  );
  expect(faults.filter(([, found]) => found.length > 0)).toEqual([]);
});

test("each Debian package that a test needs is one that continuous integration installs", () => {
  const below = (directory: string) => readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" });
  const isOwn = (name: string) => name.endsWith(".ts") && !name.includes("node_modules");
  const files = ["test", "packages"].flatMap((top) =>
    below(top)
      .filter(isOwn)
      .map((name) => join(ROOT, top, name)),
  );
  const needed = files.flatMap((file) =>
    Array.from(readFileSync(file, "utf8").matchAll(/"debian package ([a-z0-9.-]+)"/g)),
  );
  const names = new Set(needed.map(([, name]) => name));
  const installed = new Set(readFileSync(join(ROOT, "scripts/debian-packages.txt"), "utf8").split("\n"));
  expect(names.size).toBeGreaterThan(10);
  expect([...names].filter((name) => !installed.has(name ?? ""))).toEqual([]);
});

describe("the check", () => {
  test.each([
    ["a variable of the module", "src/a.ts", "let count = 0;", 1],
    ["an exported one", "src/a.ts", "export let count = 0;", 1],
    ["a constant", "src/a.ts", "const count = 0;", 0],
    ["a variable of a function", "src/a.ts", "export function f() { let count = 0; return ++count; }", 0],
    ["a timeout that may be collected", "src/a.ts", "AbortSignal.any([signal, AbortSignal.timeout(1)]);", 1],
    ["a file left open", "src/a.ts", 'readFileSync(`/proc/${pid}/stat`, "latin1");', 1],
    ["a file of somebody who closes it", "src/a.ts", 'readFileSync(fd, "latin1");', 0],
    ["code in index.ts", "src/index.ts", 'export { a } from "./a.js"; export const b = 1;', 1],
    ["an import in index.ts", "src/x/index.ts", 'import { a } from "./a.js"; export { a };', 1],
    ["re-exports in index.ts", "src/index.ts", 'export { a } from "./a.js"; export type * from "./b.js";', 0],
  ])("%s", (_, file, text, faults) => {
    expect(faultsIn(file, text)).toHaveLength(faults);
  });
});
