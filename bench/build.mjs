/** Compiles the references in C and makes JavaScript of a program of the bench. The packages are the built ones, as they are shipped. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
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

async function compileTypeScript(program) {
  const workers = readdirSync(join(BENCH, "workers")).map((name) => join(BENCH, "workers", name));
  await build({
    entryPoints: {
      [basename(program, ".ts")]: join(BENCH, program),
      ...Object.fromEntries(workers.map((path) => [`workers/${basename(path, ".ts")}`, path])),
    },
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

/** Makes ready a program, by its path below bench/, and becomes it. */
export async function become(program) {
  compileC();
  await compileTypeScript(program);
  await import(pathToFileURL(join(OUT, `${basename(program, ".ts")}.js`)).href);
}
