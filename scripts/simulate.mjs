/** `npm run simulate`: makes JavaScript of the simulator and of the packages it runs, from source, and becomes it. */
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { inCache, inTree } from "./bootstrap/paths.mjs";

const OUT = inCache("simulator/main.js");

await build({
  entryPoints: [inTree("packages/relay/test/simulator/main.ts")],
  outfile: OUT,
  bundle: true,
  external: ["msgpackr", "eventemitter3"],
  conditions: ["@uevent-bridge/source"],
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
});
process.setSourceMapsEnabled(true);
await import(pathToFileURL(OUT).href);
