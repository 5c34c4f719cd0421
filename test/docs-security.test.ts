import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { readPage, rowsIn } from "./docs.js";
import { ROOT } from "./packages.js";
import { globExpression, projects } from "./projects.js";
import { namedBy, titlesIn } from "./titles.js";

const SHOWN = /^`([\w./-]+)` "(.*)"$/;
const COMMAND = /^`npm test -- --project (\w+) ([\w./-]+) -t "([^"]+)"`$/;
/** Where tests are whose names say that they attack. */
const ATTACKING = ["test/real", "packages/linux/test"];

const page = readPage("docs/security.md");
const promises = rowsIn(page, "What is promised").filter(([promise]) => promise !== "promise");
const attacks = rowsIn(page, "Attacks").filter(([attack]) => attack !== "attack");

test.each(promises)("%s", (_promise, keeper = "", shown = "") => {
  expect(keeper).toMatch(/^`packages\/[\w/.-]+\/(src\/[\w/.-]+\.ts|(native|shim)\/[\w/.-]+\.c)`$/);
  const [, file = "", title = ""] = SHOWN.exec(shown) ?? [];
  expect(titledIn(file, title)).not.toEqual([]);
});

test("each capability that the service keeps has a row that says what for", () => {
  const unit = readFileSync(join(ROOT, "packages/uevent-bridge/systemd/uevent-bridge@.service"), "utf8");
  const kept = /^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
  const named = rowsIn(page, "Privileges").flatMap(([, needed = ""]) => needed.match(/CAP_\w+/g) ?? []);
  expect([...new Set(named)].toSorted()).toEqual(kept.toSorted());
  const bySetpriv = /--bounding-set -all,(\S+)/.exec(readPage("docs/service.md").text)?.[1]?.split(",") ?? [];
  expect(bySetpriv.map((each) => each.toUpperCase().replace("+", "CAP_")).toSorted()).toEqual(kept.toSorted());
});

describe("the command", () => {
  test.each(attacks)("of %s runs one test, or those of one describe", (_attack, _outcome, command = "") => {
    const [, project = "", file = "", pattern = ""] = COMMAND.exec(command) ?? [];
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(projectsOf(file)).toEqual([project]);
    expect(namedBy(new RegExp(pattern), titlesIn(file))).toHaveLength(1);
  });
});

test.each(ATTACKING.flatMap(attackingIn))("each attack of %s has a row", (file) => {
  const rows = [...promises, ...attacks].flatMap((cells) => patternFor(file, cells[2] ?? ""));
  const unnamed = titlesIn(file).filter(({ kind, name }) => kind === "test" && !rows.some((row) => row.test(name)));
  expect(unnamed.map(({ name }) => name)).toEqual([]);
});

/** The tests of a file, or the functions of one in C, that are called so. */
function titledIn(file: string, title: string): readonly unknown[] {
  if (!file.endsWith(".c")) return titlesIn(file).filter((each) => each.title === title);
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(new RegExp(`^static void ${title}\\(`, "gm"))];
}

function projectsOf(file: string): readonly string[] {
  return projects
    .filter(({ include, exclude }) => matches(file, include) && !matches(file, exclude))
    .map(({ name }) => name);
}

const matches = (file: string, globs: readonly string[]): boolean =>
  globs.some((glob) => globExpression(glob).test(file));

function attackingIn(directory: string): readonly string[] {
  const names = readdirSync(join(ROOT, directory)).filter(
    (name) => name.includes("hostile") && name.endsWith(".test.ts"),
  );
  return names.map((name) => `${directory}/${name}`);
}

/** What a row names of a file, as a pattern for full names: nothing if it is of another. */
function patternFor(file: string, cell: string): readonly RegExp[] {
  const [, ran, pattern = ""] = /--project \w+ (\S+) -t "([^"]+)"/.exec(cell) ?? [];
  const [, shown, title = ""] = SHOWN.exec(cell) ?? [];
  if (ran === file) return [new RegExp(pattern)];
  return shown === file ? [new RegExp(title.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&"))] : [];
}
