import ts from "typescript";

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

/** All of one source: operators, calls that are left out, and neighbours that change places. */
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
    if (ts.isExpressionStatement(node) && isCall(node.expression)) add(node, node, "{}", STATEMENT);
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

function isCall(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node) || ts.isVoidExpression(node)) return isCall(node.expression);
  return ts.isCallExpression(node) && node.expression.kind !== ts.SyntaxKind.SuperKeyword;
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

/** One of them may leave the other undone, or changes what the other is about; what is asked sooner is mostly answered alike. */
function areRelated(first: ts.Statement, second: ts.Statement): boolean {
  const [one, other] = [keySetBy(first), keySetBy(second)];
  if (one && other && one.map === other.map && one.key !== other.key) return false; // which of them is there first says nothing
  if (ts.isVariableStatement(second) && (ts.isVariableStatement(first) || mayLeave(first))) return false;
  return mayLeave(first) || changesWhatOf(first, second) || changesWhatOf(second, first);
}

/** `map.set("key", …)`, where the value does not come out of the same map. */
function keySetBy(node: ts.Statement): { readonly map: string; readonly key: string } | undefined {
  if (!ts.isExpressionStatement(node) || !ts.isCallExpression(node.expression)) return undefined;
  const [{ expression: called }, [key, ...values]] = [node.expression, node.expression.arguments];
  if (!ts.isPropertyAccessExpression(called) || called.name.text !== "set") return undefined;
  if (!ts.isIdentifier(called.expression) || !key || !ts.isStringLiteral(key)) return undefined;
  const map = called.expression.text;
  return values.some((value) => mentions(value, map)) ? undefined : { map, key: key.text };
}

function changesWhatOf(a: ts.Statement, b: ts.Statement): boolean {
  const subjects = [...subjectsOf(b)];
  return [...changedIn(a)].some((each) =>
    subjects.some((subject) => isPartOf(each, subject) || isPartOf(subject, each)),
  );
}

const isPartOf = (part: string, whole: string): boolean => part === whole || part.startsWith(`${whole}.`);

/** What is written there, or something is called of whose answer nobody takes; with a function of ours, all that it is given. */
function changedIn(node: ts.Node, found = new Set<string>()): Set<string> {
  const written = writtenBy(node);
  if (written) subjectsOf(written, found);
  ts.forEachChild(node, (child) => void changedIn(child, found));
  return found;
}

function writtenBy(node: ts.Node): ts.Node | undefined {
  if (ts.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind) ? node.left : undefined;
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
    return node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken
      ? node.operand
      : undefined;
  return ts.isExpressionStatement(node) && isCall(node.expression) ? calledOf(node.expression) : undefined;
}

function calledOf(node: ts.Expression): ts.Node {
  if (ts.isAwaitExpression(node) || ts.isVoidExpression(node)) return calledOf(node.expression);
  const called = ts.isCallExpression(node) ? node.expression : node;
  return ts.isPropertyAccessExpression(called) && !isThis(called.expression) ? called.expression : node;
}

const isThis = (node: ts.Node): boolean => node.kind === ts.SyntaxKind.ThisKeyword;

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

function mayLeave(node: ts.Node): boolean {
  if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) return true;
  if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) return true;
  return !ts.isFunctionLike(node) && (ts.forEachChild(node, (child) => mayLeave(child) || undefined) ?? false);
}

/** Variables, and what is `this.…`, each with the names behind it: `this.options.budget`. */
function subjectsOf(node: ts.Node, found = new Set<string>()): Set<string> {
  const path = pathOf(node);
  if (path !== undefined) found.add(path);
  else if (ts.isPropertyAccessExpression(node)) subjectsOf(node.expression, found);
  else ts.forEachChild(node, (child) => void subjectsOf(child, found));
  return found;
}

function pathOf(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const above = isThis(node.expression) ? "this" : pathOf(node.expression);
  return above === undefined ? undefined : `${above}.${node.name.text}`;
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

function mentions(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node) && node.text === name) return true;
  return ts.forEachChild(node, (child) => mentions(child, name) || undefined) ?? false;
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
