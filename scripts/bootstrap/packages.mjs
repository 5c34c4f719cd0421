import { existsSync, readFileSync } from "node:fs";
import { inTree } from "./paths.mjs";

/** Directories of the workspace's packages, as package.json lists them. */
export const PACKAGES = JSON.parse(readFileSync(inTree("package.json"), "utf8")).workspaces;

const manifest = (directory) => JSON.parse(readFileSync(inTree(directory, "package.json"), "utf8"));

/** What a package promises to ship as JavaScript: the targets of its exports and its programs. */
export function outputsOf(directory) {
  const { exports, bin = {} } = manifest(directory);
  const targets = [...Object.values(exports).map((target) => target.default), ...Object.values(bin)];
  return targets.map((target) => target.replace("./", ""));
}

/** The source of an output: `dist/testing/index.js` comes from `src/testing/index.ts`. */
export const sourceOf = (output) => output.replace(/^dist/, "src").replace(/\.js$/, ".ts");

/** Outputs whose source is there. */
export const builtOutputsOf = (directory) =>
  outputsOf(directory).filter((output) => existsSync(inTree(directory, sourceOf(output))));
