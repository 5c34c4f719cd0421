import { join } from "node:path";

import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** Who hands in a kernel of another kind takes its parts from the package that says what a kernel is. */
const OF_OTHERS = new Set(["Kernel"]);

/** The types of ours that the signatures of what a module exports name. */
function* namedIn(exported: ts.Symbol, checker: ts.TypeChecker): Generator<ts.Symbol> {
  const nodes: ts.Node[] = [...(exported.declarations ?? [])];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    if (ts.isBlock(node) || ts.isHeritageClause(node)) continue;
    if (ts.isTypeReferenceNode(node)) yield target(checker.getSymbolAtLocation(node.typeName), checker);
    node.forEachChild((child) => void nodes.push(child));
  }
}

function target(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): ts.Symbol {
  if (!symbol) throw new Error("a type that is nothing");
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isOurs({ declarations = [], flags }: ts.Symbol): boolean {
  const isType = !(flags & ts.SymbolFlags.TypeParameter);
  return isType && declarations.some((each) => each.getSourceFile().fileName.startsWith(join(ROOT, "packages/")));
}

test("each type that is named in what is exported is exported too", () => {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const { options = {} } = ts.getParsedCommandLineOfConfigFile(join(ROOT, "tsconfig.json"), {}, host) ?? {};
  const index = join(ROOT, "packages/uevent-bridge/src/index.ts");
  const program = ts.createProgram([index], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(index)!)!;
  const exported = checker.getExportsOfModule(module).map((symbol) => target(symbol, checker));
  const own = exported.filter(({ name }) => !OF_OTHERS.has(name));
  const named = own.flatMap((symbol) => [...namedIn(symbol, checker)]).filter(isOurs);
  const missing = new Set(named.filter((symbol) => !exported.includes(symbol)).map(({ name }) => name));
  expect([...missing].toSorted()).toEqual([]);
});
