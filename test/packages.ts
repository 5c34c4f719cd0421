import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export const ROOT = join(import.meta.dirname, "..");

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One package as the arrows see it. */
export interface Package {
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly imports: readonly Import[];
}

export interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** A JSON file below the root of the tree. */
export const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

/** Directories of all packages of the workspace, below the root. */
export const packageDirectories = (): readonly string[] =>
  (readJson("package.json") as { readonly workspaces: readonly string[] }).workspaces;

/** A package's manifest and every import statement below its `src`. */
export function readPackage(directory: string): Package {
  const { name, dependencies, optionalDependencies, peerDependencies } = readJson(
    `${directory}/package.json`,
  ) as Manifest;
  return {
    name,
    dependencies: Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
    imports: sourcesOf(directory).flatMap(importsOf),
  };
}

/** The TypeScript files that a package ships. */
export function sourcesOf(directory: string): readonly string[] {
  const names = readdirSync(join(ROOT, directory, "src"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(directory, "src", name));
}

function importsOf(file: string): readonly Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => ({ file, specifier: fileName }));
}
