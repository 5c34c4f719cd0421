import ts from "typescript";

import { areRelated, isAssignment, isCall, mentions } from "./related.js";

/** A place in a source where something else could have been written. */
export interface Site {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The function that it is in, and what would be another: the same for as long as nobody touches either. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** What stands there instead. */
  readonly text: string;
  /** How a mark that it is reached is put before it, and what closes that. */
  readonly mark: readonly [before: (mark: string) => string, after: string];
}

const EXPRESSION: Site["mark"] = [(mark) => `(${mark}, `, ")"];
const STATEMENT: Site["mark"] = [(mark) => `{ ${mark}; `, " }"];
const STATEMENTS: Site["mark"] = [(mark) => `${mark}; `, ""];

/** What an operator may have been meant to be. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "===": ["!=="],
  "!==": ["==="],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "&&": ["||"],
  "||": ["&&"],
  "??": ["&&"],
  "+=": ["-="],
  "-=": ["+="],
  "++": ["--"],
  "--": ["++"],
  "&": ["|"],
  "|": ["&"],
  "<<": [">>"],
  ">>": ["<<"],
  ">>>": ["<<"],
};

/** All of one source: operators, calls and assignments that are left out, and neighbours that change places. */
export function sitesOf(file: string, source: string): Site[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const sites: Site[] = [];
  const add = (node: ts.Node, end: ts.Node, text: string, mark: Site["mark"]): void => {
    const [from, to] = [node.getStart(tree), end.getEnd()];
    const { line } = tree.getLineAndCharacterOfPosition(from);
    const name = `${file} ${functionOf(node)}: ${short(source.slice(from, to))} → ${short(text)}`;
    sites.push({ file, line: line + 1, name, start: from, end: to, text, mark });
  };
  const visit = (node: ts.Node): void => {
    for (const text of operatorsOf(node, tree)) add(node, node, text, EXPRESSION);
    if (ts.isExpressionStatement(node) && mayBeLeftOut(node)) add(node, node, "{}", STATEMENT);
    if (ts.isArrowFunction(node) && isCall(node.body)) add(node.body, node.body, "{}", EXPRESSION);
    if (ts.isBlock(node)) for (const [a, b] of neighboursIn(node)) add(a, b, exchanged(source, tree, a, b), STATEMENTS);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return sites;
}

/** The source with something else at this place. */
export function mutated(source: string, { start, end, text }: Site): string {
  return source.slice(0, start) + text + source.slice(end);
}

/** The source that says, by `mark` of a site's index, which places are reached. */
export function marked(source: string, sites: readonly Site[], mark: (site: Site) => string): string {
  const parts = sites.flatMap((site) => [
    { at: site.start, order: -site.end, text: site.mark[0](mark(site)) }, // the outer one first
    { at: site.end, order: -Infinity, text: site.mark[1] }, // what ends does so before anything begins
  ]);
  parts.sort((a, b) => a.at - b.at || a.order - b.order);
  let [text, at] = ["", 0];
  for (const part of parts) {
    text += source.slice(at, part.at) + part.text;
    ({ at } = part);
  }
  return text + source.slice(at);
}

function operatorsOf(node: ts.Node, tree: ts.SourceFile): string[] {
  const text = (of: ts.Node): string => of.getText(tree);
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken, right } = node;
    return (OPERATORS[text(operatorToken)] ?? []).map((other) => `(${text(left)}) ${other} (${text(right)})`);
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) return [text(node.operand)];
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const operator = ts.tokenToString(node.operator) ?? "";
    return (operator === "++" || operator === "--" ? (OPERATORS[operator] ?? []) : []).map((other) =>
      ts.isPrefixUnaryExpression(node) ? other + text(node.operand) : text(node.operand) + other,
    );
  }
  if (ts.isConditionalExpression(node)) {
    return [`${text(node.condition)} ? ${text(node.whenFalse)} : ${text(node.whenTrue)}`];
  }
  return [];
}

/** What a constructor gives its object has to be there. */
function mayBeLeftOut({ expression, parent }: ts.ExpressionStatement): boolean {
  if (isCall(expression)) return true;
  const isFirst = ts.isBlock(parent) && ts.isConstructorDeclaration(parent.parent);
  return ts.isBinaryExpression(expression) && isAssignment(expression.operatorToken.kind) && !isFirst;
}

/** Statements of which either may come first, as far as their names go, and that have to do with each other. */
function neighboursIn({ statements }: ts.Block): (readonly [ts.Statement, ts.Statement])[] {
  return statements.flatMap((second, i) => {
    const first = statements[i - 1];
    if (!first || endsWithIt(first) || ts.isFunctionDeclaration(first) || ts.isFunctionDeclaration(second)) return [];
    if (namesIn(first).some((name) => mentions(second, name)) || !areRelated(first, second)) return [];
    return [[first, second] as const];
  });
}

function endsWithIt(node: ts.Statement): boolean {
  return ts.isReturnStatement(node) || ts.isThrowStatement(node) || ts.isBreakStatement(node);
}

/** That it declares. */
function namesIn(node: ts.Statement): string[] {
  const names: string[] = [];
  const visit = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else for (const each of name.elements) if (ts.isBindingElement(each)) visit(each.name);
  };
  if (ts.isVariableStatement(node)) for (const each of node.declarationList.declarations) visit(each.name);
  return names;
}

function exchanged(source: string, tree: ts.SourceFile, a: ts.Node, b: ts.Node): string {
  return b.getText(tree) + source.slice(a.getEnd(), b.getStart(tree)) + a.getText(tree);
}

function functionOf(node: ts.Node): string {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    if (ts.isConstructorDeclaration(at)) return "constructor";
    if ((ts.isMethodDeclaration(at) || ts.isFunctionDeclaration(at) || ts.isAccessor(at)) && at.name)
      return at.name.getText();
    if (ts.isPropertyDeclaration(at)) return at.name.getText();
  }
  return "module";
}

/** In one line. */
function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= 160 ? line : `${line.slice(0, 100)} … ${line.slice(-50)}`;
}
