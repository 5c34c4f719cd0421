import { readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";

import { ROOT } from "./packages.js";

/** A `test` or `describe` of a file. */
export interface Titled {
  readonly kind: "test" | "describe";
  readonly title: string;
  /** As `-t` sees it, behind those around it; what a table or a variable brings stays as it is written: `%s`. */
  readonly name: string;
  readonly within: Titled | undefined;
}

/** What a file of tests has, in order. */
export function titlesIn(file: string): readonly Titled[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found: Titled[] = [];
  const visit = (node: ts.Node, within: Titled | undefined): void => {
    const titled = ts.isCallExpression(node) ? titledBy(node, within) : undefined;
    if (titled) found.push(titled);
    ts.forEachChild(node, (child) => visit(child, titled ?? within));
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest), undefined);
  return found;
}

/** Those that a pattern of `-t` names: what is in one that it names is not counted again. */
export function namedBy(pattern: RegExp, titles: readonly Titled[]): readonly Titled[] {
  return titles.filter(({ name, within }) => pattern.test(name) && !(within && pattern.test(within.name)));
}

function titledBy(
  { expression, arguments: [first] }: ts.CallExpression,
  within: Titled | undefined,
): Titled | undefined {
  const kind = kindOf(expression);
  const title = first && titleOf(first);
  if (!kind || title === undefined) return undefined;
  return { kind, title, name: within ? `${within.name} ${title}` : title, within };
}

/** Of `test(…)`, and of `test.each(…)(…)`. */
function kindOf(callee: ts.Expression): Titled["kind"] | undefined {
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) return kindOf(callee.expression);
  if (!ts.isIdentifier(callee)) return undefined;
  return callee.text === "test" || callee.text === "describe" ? callee.text : undefined;
}

function titleOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `%s${literal.text}`).join("");
}
