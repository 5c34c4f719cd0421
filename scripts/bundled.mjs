/** Programs of TypeScript that run packages from source: made JavaScript of, with what they import, and become. */
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { inCache, inTree } from "./bootstrap/paths.mjs";

/**
 * @param {string} entry in the tree
 * @param {string} out in the cache
 */
export async function become(entry, out) {
  const file = inCache(out);
  await build({
    entryPoints: [inTree(entry)],
    outfile: file,
    bundle: true,
    external: ["msgpackr", "eventemitter3", "typescript", "esbuild"],
    conditions: ["@uevent-bridge/source"],
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: true,
    logLevel: "warning",
  });
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file).href);
}
