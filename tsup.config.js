import { defineConfig } from "tsup";
import { librariesOf, PACKAGES, programsOf, sourceOf } from "./scripts/bootstrap/packages.mjs";

const entries = (directory, outputs) =>
  Object.fromEntries(
    outputs.map((output) => [output.replace(/^dist\/|\.js$/g, ""), `${directory}/${sourceOf(output)}`]),
  );

/** One package: an entry for each export and each program of its package.json. Nothing else is bundled into it. */
const library = (directory) => ({
  name: directory,
  entry: entries(directory, [...librariesOf(directory), ...programsOf(directory)]),
  dts: { entry: entries(directory, librariesOf(directory)) },
  outDir: `${directory}/dist`,
  format: "esm",
  target: "node20",
  skipNodeModulesBundle: true,
  sourcemap: true,
  clean: true,
  silent: true,
});

export default defineConfig(PACKAGES.map(library));
