/** Bundles a target with a counter at each edge of the code that it fuzzes: each branch that is taken, each function that is entered. */
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import ts from "typescript";

const COUNTERS = "__edges";
const OPTIONS = {
  target: ts.ScriptTarget.ESNext, // esbuild makes of it what Node knows
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};
const SHORT_CIRCUIT = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/** A transformer, and how many edges it has found. */
function counting(found) {
  const { factory } = ts;
  const counter = () => {
    const index = factory.createNumericLiteral(found.edges++);
    return factory.createPostfixIncrement(
      factory.createElementAccessExpression(factory.createIdentifier(COUNTERS), index),
    );
  };
  const counted = (expression) =>
    expression && factory.createParenthesizedExpression(factory.createComma(counter(), expression));
  const inBlock = (statement) => {
    const statements = statement === undefined ? [] : ts.isBlock(statement) ? statement.statements : [statement];
    return factory.createBlock([factory.createExpressionStatement(counter()), ...statements], true);
  };
  const inClause = (statements) => [factory.createExpressionStatement(counter()), ...statements];

  const change = (node) => {
    if (ts.isStringLiteralLike(node)) found.words.add(node.text);
    if (ts.isIfStatement(node))
      return factory.updateIfStatement(node, node.expression, inBlock(node.thenStatement), inBlock(node.elseStatement));
    if (ts.isConditionalExpression(node))
      return factory.createConditionalExpression(
        node.condition,
        undefined,
        counted(node.whenTrue),
        undefined,
        counted(node.whenFalse),
      );
    if (ts.isBinaryExpression(node) && SHORT_CIRCUIT.has(node.operatorToken.kind))
      return factory.updateBinaryExpression(node, node.left, node.operatorToken, counted(node.right));
    if (ts.isIterationStatement(node, false)) return withBody(node, inBlock(node.statement));
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return withFunctionBody(node, counted(node.body));
    if (ts.isFunctionLike(node) && node.body && ts.isBlock(node.body))
      return withFunctionBody(node, inBlock(node.body));
    if (ts.isCaseClause(node)) return factory.updateCaseClause(node, node.expression, inClause(node.statements));
    if (ts.isDefaultClause(node)) return factory.updateDefaultClause(node, inClause(node.statements));
    if (ts.isCatchClause(node)) return factory.updateCatchClause(node, node.variableDeclaration, inBlock(node.block));
    if ((ts.isParameter(node) || ts.isBindingElement(node)) && node.initializer)
      return withInitializer(node, counted(node.initializer));
    return node;
  };
  return (context) => (file) => {
    const visit = (node) => {
      if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node;
      return change(ts.visitEachChild(node, visit, context));
    };
    return ts.visitNode(file, visit);
  };
}

function withBody(node, statement) {
  const { factory } = ts;
  if (ts.isForStatement(node))
    return factory.updateForStatement(node, node.initializer, node.condition, node.incrementor, statement);
  if (ts.isForOfStatement(node))
    return factory.updateForOfStatement(node, node.awaitModifier, node.initializer, node.expression, statement);
  if (ts.isForInStatement(node))
    return factory.updateForInStatement(node, node.initializer, node.expression, statement);
  if (ts.isWhileStatement(node)) return factory.updateWhileStatement(node, node.expression, statement);
  return factory.updateDoStatement(node, statement, node.expression);
}

function withFunctionBody(node, body) {
  const { factory } = ts;
  const { modifiers, name, typeParameters, parameters, type, asteriskToken } = node;
  if (ts.isArrowFunction(node))
    return factory.updateArrowFunction(
      node,
      modifiers,
      typeParameters,
      parameters,
      type,
      node.equalsGreaterThanToken,
      body,
    );
  if (ts.isFunctionDeclaration(node))
    return factory.updateFunctionDeclaration(
      node,
      modifiers,
      asteriskToken,
      name,
      typeParameters,
      parameters,
      type,
      body,
    );
  if (ts.isFunctionExpression(node))
    return factory.updateFunctionExpression(
      node,
      modifiers,
      asteriskToken,
      name,
      typeParameters,
      parameters,
      type,
      body,
    );
  if (ts.isMethodDeclaration(node))
    return factory.updateMethodDeclaration(
      node,
      modifiers,
      asteriskToken,
      name,
      node.questionToken,
      typeParameters,
      parameters,
      type,
      body,
    );
  if (ts.isGetAccessorDeclaration(node))
    return factory.updateGetAccessorDeclaration(node, modifiers, name, parameters, type, body);
  if (ts.isSetAccessorDeclaration(node))
    return factory.updateSetAccessorDeclaration(node, modifiers, name, parameters, body);
  return node; // a constructor may have to begin with super()
}

function withInitializer(node, initializer) {
  const { factory } = ts;
  if (ts.isParameter(node))
    return factory.updateParameterDeclaration(
      node,
      node.modifiers,
      node.dotDotDotToken,
      node.name,
      node.questionToken,
      node.type,
      initializer,
    );
  return factory.updateBindingElement(node, node.dotDotDotToken, node.propertyName, node.name, initializer);
}

/** The code of a target with its counters, how many there are, and the texts in it. */
export async function bundle(entry) {
  const found = { edges: 0, words: new Set() };
  const counters = {
    name: "counters",
    setup(builder) {
      builder.onLoad({ filter: /[\\/]packages[\\/][^\\/]+[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
        contents: compiled(path, found),
        loader: "js",
      }));
    },
  };
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@uevent-bridge/source"],
    external: ["msgpackr"],
    plugins: [counters],
    logLevel: "warning",
  });
  return {
    code: `const ${COUNTERS} = new Uint16Array(${found.edges});\n${outputFiles[0].text}`,
    words: [...found.words],
  };
}

function compiled(path, found) {
  const options = { fileName: path, compilerOptions: OPTIONS, transformers: { before: [counting(found)] } };
  return ts.transpileModule(readFileSync(path, "utf8"), options).outputText;
}
