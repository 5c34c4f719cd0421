import { defineConfig } from "tsup";
import { builtOutputsOf, PACKAGES, sourceOf } from "./scripts/bootstrap/packages.mjs";

const entries = (directory, outputs) =>
  Object.fromEntries(
    outputs.map((output) => [output.replace(/^dist\/|\.js$/g, ""), `${directory}/${sourceOf(output)}`]),
  );

/** One package: an entry for each export and each program of its package.json. Nothing else is bundled into it. */
function library(directory) {
  const outputs = builtOutputsOf(directory);
  const programs = outputs.filter((output) => output.endsWith("/cli.js"));
  return {
    name: directory,
    entry: entries(directory, outputs),
    dts: {
      entry: entries(
        directory,
        outputs.filter((output) => !programs.includes(output)),
      ),
    },
    outDir: `${directory}/dist`,
    format: "esm",
    target: "node20",
    skipNodeModulesBundle: true,
    sourcemap: true,
    clean: true,
    silent: true,
  };
}

export default defineConfig(PACKAGES.map(library));
