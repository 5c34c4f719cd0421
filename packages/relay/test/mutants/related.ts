import ts from "typescript";

/** Calls what it is given in a later turn. */
const LATER = new Set(["then", "catch", "finally", "setImmediate", "setTimeout", "queueMicrotask"]);
/** Of a collection: what is put into it is not looked at. */
const OF_COLLECTIONS = new Set(["add", "delete", "get", "has", "push", "set"]);

/** One of them may leave the other undone, or changes what the other is about; what is asked sooner is mostly answered alike. */
export function areRelated(first: ts.Statement, second: ts.Statement): boolean {
  const [one, other] = [keySetBy(first), keySetBy(second)];
  if (one && other && one.map === other.map && one.key !== other.key) return false; // which of them is there first says nothing
  if (isFunction(first) || isFunction(second) || areOtherCases(first, second)) return false;
  if (ts.isVariableStatement(second) && (ts.isVariableStatement(first) || mayLeave(first))) return false;
  return mayLeave(first) || changesWhatOf(first, second) || changesWhatOf(second, first);
}

/** `const f = () => …`, which does nothing where it stands. */
function isFunction(node: ts.Statement): boolean {
  if (!ts.isVariableStatement(node)) return false;
  return node.declarationList.declarations.every(({ initializer }) => initializer && ts.isArrowFunction(initializer));
}

/** `if (what === "one") …` and `if (what === "other") …`, of which neither changes what it is. */
function areOtherCases(first: ts.Statement, second: ts.Statement): boolean {
  const [one, other] = [caseOf(first), caseOf(second)];
  if (!one || !other || one.what !== other.what || one.is === other.is) return false;
  return ![...changedIn(first), ...changedIn(second)].some((each) => isPartOf(one.what, each));
}

function caseOf(node: ts.Statement): { readonly what: string; readonly is: string } | undefined {
  if (!ts.isIfStatement(node) || node.elseStatement || !ts.isBinaryExpression(node.expression)) return undefined;
  const { left, operatorToken, right } = node.expression;
  const what = operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken ? pathOf(left) : undefined;
  return what !== undefined && ts.isStringLiteral(right) ? { what, is: right.text } : undefined;
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
  if (isLater(node)) return found;
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

export const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

function mayLeave(node: ts.Node): boolean {
  if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) return true;
  if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) return true;
  return !ts.isFunctionLike(node) && (ts.forEachChild(node, (child) => mayLeave(child) || undefined) ?? false);
}

/** Variables, and what is `this.…`, each with the names behind it: `this.options.budget`; `x.` is what x is, and nothing that is in there. */
function subjectsOf(node: ts.Node, found = new Set<string>()): Set<string> {
  if (isLater(node)) return found;
  const isKept = ts.isIdentifier(node) && ts.isCallExpression(node.parent) && isOfCollection(node.parent, node);
  const path = pathOf(node);
  if (path !== undefined) found.add(isKept ? `${path}.` : path);
  else if (ts.isPropertyAccessExpression(node)) subjectsOf(node.expression, found);
  else ts.forEachChild(node, (child) => void subjectsOf(child, found));
  return found;
}

/** It is given to a collection: a field that is private, or a variable. */
function isOfCollection({ expression: called, arguments: given }: ts.CallExpression, node: ts.Expression): boolean {
  if (!ts.isPropertyAccessExpression(called) || !OF_COLLECTIONS.has(called.name.text)) return false;
  const { expression: collection } = called;
  const isField = ts.isPropertyAccessExpression(collection) && ts.isPrivateIdentifier(collection.name);
  return (isField || ts.isIdentifier(collection)) && given.includes(node);
}

/** A function that is called in a later turn, as those are that an object is made with. */
function isLater(node: ts.Node): boolean {
  if (!ts.isArrowFunction(node)) return false;
  const { parent } = node;
  if (ts.isCallExpression(parent)) {
    const { expression: called } = parent;
    return LATER.has(ts.isPropertyAccessExpression(called) ? called.name.text : called.getText());
  }
  const made = ts.isPropertyAssignment(parent) ? parent.parent.parent : parent;
  return ts.isNewExpression(made) && made.expression.getText() !== "Promise"; // which calls it at once
}

function pathOf(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const above = isThis(node.expression) ? "this" : pathOf(node.expression);
  return above === undefined ? undefined : `${above}.${node.name.text}`;
}

export function mentions(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node) && node.text === name) return true;
  return ts.forEachChild(node, (child) => mentions(child, name) || undefined) ?? false;
}

export function isCall(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node) || ts.isVoidExpression(node)) return isCall(node.expression);
  return ts.isCallExpression(node) && node.expression.kind !== ts.SyntaxKind.SuperKeyword;
}
