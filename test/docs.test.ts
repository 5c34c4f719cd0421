import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, test } from "vitest";

import { faultsOf } from "./arrows.js";
import { blockIn, linksIn, pages, pathsIn, readPage, rowsIn } from "./docs.js";
import { packageDirectories, readPackage, ROOT } from "./packages.js";

/** Pages that a script writes. */
const WRITTEN = new Set(["docs/benchmarks.md"]);
const SCOPE = "@uevent-bridge/";

const architecture = readPage("docs/architecture.md");
const packages = packageDirectories().map((directory) => ({ directory, ...readPackage(directory) }));

describe.each(pages())("$path", (page) => {
  test("names only files that there are", () => {
    expect(pathsIn(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("has only links that lead somewhere", () => {
    const targets = linksIn(page).map((link) => join(dirname(page.path), link));
    expect(targets.filter((path) => !existsSync(join(ROOT, path)) && !WRITTEN.has(path))).toEqual([]);
  });
});

describe("the architecture", () => {
  test("names each package and its directory", () => {
    const named = rowsIn(architecture, "Packages").slice(1);
    expect(named.map(([name, directory]) => `${name} ${directory}`).sort()).toEqual(
      packages.map(({ name, directory }) => `\`${name}\` \`${directory}\``).sort(),
    );
  });

  const drawn = new Set(blockIn(architecture, "arrows").trim().split("\n"));
  const pairs = packages.flatMap(({ name: from }) => packages.map(({ name: to }) => ({ from, to })));

  test.each(pairs.filter(({ from, to }) => from !== to))("draws $from → $to if there is such an arrow", (pair) => {
    const { from, to } = pair;
    const [fromName, toName] = [from.replace(SCOPE, ""), to.replace(SCOPE, "")];
    const subject = { name: from, dependencies: [to], imports: [{ file: "packages/x/src/a.ts", specifier: to }] };
    const isAllowed = faultsOf(subject).length === 0;
    const isDeclared = packages.find(({ name }) => name === from)?.dependencies.includes(to);
    expect({ isDrawn: drawn.has(`${fromName} → ${toName}`), isDeclared }).toEqual({
      isDrawn: isAllowed && to !== "uevent-bridge",
      isDeclared: isAllowed && to !== "uevent-bridge",
    });
  });

  test("draws no arrow of a package that there is not", () => {
    const known = new Set(packages.map(({ name }) => name.replace(SCOPE, "")));
    const ends = [...drawn].flatMap((arrow) => arrow.split(" → "));
    expect(ends.filter((end) => !known.has(end))).toEqual([]);
  });

  test("gives each step of the journey one number and one file", () => {
    const [, ...steps] = rowsIn(architecture, "The journey of one datagram");
    const numbers = steps.map(([number = ""]) => Number.parseInt(number, 10));
    expect(new Set(numbers)).toEqual(new Set(Array.from({ length: numbers.at(-1) ?? 0 }, (_, i) => i + 1)));
    expect(
      steps.map(([, , file]) => file).filter((file) => !/^`packages\/[\w./-]+\.(ts|c)`$/.test(file ?? "")),
    ).toEqual([]);
  });
});
