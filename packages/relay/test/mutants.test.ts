import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

import { expect, test } from "vitest";

import { EQUIVALENT } from "./mutants/equivalent.js";
import { marked, mutated, sitesOf } from "./mutants/sites.js";

const SOURCE = `
function f(a: number, b: number): number {
  if (!a && a < b) return call(a);
  const c = a + 1;
  const d = a + 2;
  list.push(c);
  list.push(b);
  if (list.length === 0) return b;
  const each = (x: number): void => void call(x);
  return c > 0 ? b : a;
}
`;

/** One text for two statements in the other order. */
function exchangesIn(statements: string): string[] {
  const names = sitesOf("f.ts", `class A { f() { ${statements} } }`).map(({ name }) => name.replace("f.ts f: ", ""));
  return names.filter((name) => name.split(" → ", 1)[0]?.includes("; "));
}

const changes = sitesOf("f.ts", SOURCE).map(({ name }) => name.replace("f.ts ", ""));

test("an operator is another one, a call is left out, and statements about the same change places", () => {
  expect(changes).toEqual([
    "f: list.push(c); list.push(b); → list.push(b); list.push(c);",
    "f: list.push(b); if (list.length === 0) return b; → if (list.length === 0) return b; list.push(b);",
    "f: !a && a < b → (!a) || (a < b)",
    "f: !a → a",
    "f: a < b → (a) <= (b)",
    "f: a < b → (a) >= (b)",
    "f: a + 1 → (a) - (1)",
    "f: a + 2 → (a) - (2)",
    "f: list.push(c); → {}",
    "f: list.push(b); → {}",
    "f: list.length === 0 → (list.length) !== (0)",
    "f: void call(x) → {}",
    "f: c > 0 ? b : a → c > 0 ? a : b",
    "f: c > 0 → (c) >= (0)",
    "f: c > 0 → (c) <= (0)",
  ]);
});

test("other keys of a map change places only where one value comes out of the map", () => {
  const set = 'm.set("a", x);\n m.set("b", y);\n m.set("b", z);\n m.set("c", m.get("b"));';
  const names = sitesOf("f.ts", `function f(): void {\n ${set}\n}`).map(({ name }) => name.replace("f.ts f: ", ""));
  expect(names.filter((name) => !name.endsWith("{}"))).toEqual([
    'm.set("b", y); m.set("b", z); → m.set("b", z); m.set("b", y);',
    'm.set("b", z); m.set("c", m.get("b")); → m.set("c", m.get("b")); m.set("b", z);',
  ]);
});

test.each([
  ["a function that is only written down", "use(a); const f = () => a; f();"],
  ["what is called in a later turn", "this.a = 1; setImmediate(() => use(this.a));"],
  ["what an object is made with", "this.a = make(); const b = new B({ ask: () => this.a }); use(b);"],
  ["two cases of the same", 'if (a === "x") return b; if (a === "y") return c;'],
  ["what is put away, not looked at", "a.isOld = true; this.#all.add(a);"],
])("statements do not change places with %s", (_what, statements) => {
  expect(exchangesIn(statements)).toEqual([]);
});

test.each([
  ["what a function is given", "a.isOld = true; use(a);", 1],
  ["what is put away", "a = b(); this.#all.add(a);", 1],
  ["what another one of ours is given", "a.isOld = true; this.all.add(a);", 1],
  ["what a promise is made with", "this.a = 1; const b = new Promise((done) => done(this.a)); use(b);", 1],
  ["what is called at once", "this.a = 1; list.forEach(() => use(this.a));", 1],
  ["what it is a case of", 'if (a === "x") a = "y"; if (a === "y") return c;', 1],
])("statements change places with those that are about %s", (_what, statements, count) => {
  expect(exchangesIn(statements)).toHaveLength(count);
});

test("an assignment is left out, but for what a constructor gives its object", () => {
  const source = "class A { constructor(a) { this.a = a; } f(b) { this.a ||= b; } }";
  expect(sitesOf("f.ts", source).map(({ name }) => name)).toEqual(["f.ts f: this.a ||= b; → {}"]);
});

test("each is the source with one place changed", () => {
  const [site] = sitesOf("f.ts", SOURCE).filter(({ name }) => name.endsWith("list.push(b); → {}"));
  expect(mutated(SOURCE, site!)).toBe(SOURCE.replace("list.push(b);", "{}"));
});

test("a source that says which places are reached does what it did, and says so", () => {
  const once = [...new Map(sitesOf("f.ts", SOURCE).map((site) => [`${site.start} ${site.end}`, site])).values()];
  const text = marked(SOURCE, once, (site) => `reached.add(${once.indexOf(site)})`).replaceAll(/: (number|void)/g, "");
  const run = (a: number, b: number) => {
    const [reached, list] = [new Set<number>(), [] as number[]];
    const call = (x: number): number => x + 100;
    const result: unknown = runInNewContext(`${text}; f(${a}, ${b})`, { reached, list, call });
    return { result, list, reached: reached.size };
  };
  expect(run(0, 5)).toMatchObject({ result: 100, list: [] });
  expect(run(3, 5)).toMatchObject({ result: 5, list: [4, 5] });
  expect(run(3, 5).reached).toBeGreaterThan(run(0, 5).reached);
});

test.each(Object.keys(EQUIVALENT))("what is explained can still be written: %s", (name) => {
  const [file = ""] = name.split(" ", 1);
  const source = readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
  expect(sitesOf(file, source).map((site) => site.name)).toContain(name);
});
