import { basename } from "node:path";
import ts from "typescript";

/** What is wrong with a source file by the habits that a linter does not know, as sentences. */
export function faultsIn(file: string, text: string): readonly string[] {
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return [
    ...statements.filter(isMutable).map(() => "a `let` of the module is state that all callers share"),
    ...(text.includes("AbortSignal.timeout(") ? ["part of an AbortSignal.any it may never come: use a TimeLimit"] : []),
    ...(/readFileSync\((?!\w+,).*"latin1"/.test(text)
      ? ["readFileSync of a path can leave the file open: use readText"]
      : []),
    ...(basename(file) === "index.ts" && !statements.every(isReexport) ? ["index.ts only re-exports"] : []),
  ];
}

function isMutable(statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) === 0;
}

/** `export … from`, and `export {}` of a package that has nothing yet. */
function isReexport(statement: ts.Statement): boolean {
  if (!ts.isExportDeclaration(statement)) return false;
  const { moduleSpecifier, exportClause } = statement;
  return (
    moduleSpecifier !== undefined ||
    (exportClause !== undefined && ts.isNamedExports(exportClause) && exportClause.elements.length === 0)
  );
}
