import { readFileSync } from "node:fs";
import { inTree } from "./paths.mjs";

/** Directories of the workspace's packages, as package.json lists them. */
export const PACKAGES = JSON.parse(readFileSync(inTree("package.json"), "utf8")).workspaces;

const manifest = (directory) => JSON.parse(readFileSync(inTree(directory, "package.json"), "utf8"));

const withoutDot = (paths) => paths.map((path) => path.replace("./", ""));

/** What a package ships for import, as its exports name it: `dist/testing/index.js`. */
export const librariesOf = (directory) =>
  withoutDot(Object.values(manifest(directory).exports).map((target) => target.default));

/** What a package's command imports; the file that npm links is not built, so that it is there when npm does. */
export const programsOf = (directory) => (manifest(directory).bin ? ["dist/cli.js"] : []);

/** The source of either: `dist/testing/index.js` comes from `src/testing/index.ts`. */
export const sourceOf = (output) => output.replace(/^dist/, "src").replace(/\.js$/, ".ts");
