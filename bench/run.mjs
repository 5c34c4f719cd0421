/**
 * What `npm run bench` starts: compiles the references in C, makes JavaScript of the bench, and becomes it. The packages are
 * the built ones, as they are shipped.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const BENCH = dirname(fileURLToPath(import.meta.url));
const OUT = join(BENCH, "../.cache/bench");

function compileC() {
  const { status } = spawnSync("make", ["--silent", "-C", join(BENCH, "native"), `OUT=${join(OUT, "native")}`], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Error("The references in C do not compile: they need make and a C compiler");
}

async function compileTypeScript() {
  const workers = readdirSync(join(BENCH, "workers")).map((name) => join(BENCH, "workers", name));
  await build({
    entryPoints: [join(BENCH, "main.ts"), ...workers],
    outdir: OUT,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: true,
    logLevel: "warning",
  });
}

compileC();
await compileTypeScript();
await import(pathToFileURL(join(OUT, "main.js")).href);
