import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { inCache, inTree } from "../bootstrap/paths.mjs";
import { compilerOfC, runC } from "./c.mjs";
import { runTypeScript } from "./typescript.mjs";

const TYPESCRIPT = inTree("test/fuzz/targets");
const C = inTree("test/fuzz/native");

/** Where a target's inputs are: the kept ones, those that were found since, and those that broke a promise. */
function placesOf(name) {
  return {
    corpus: inTree("test/fuzz/corpus", name),
    found: inCache("fuzz", name),
    findings: inCache("fuzz", `${name}-findings`),
  };
}

const namesIn = (directory, extension) =>
  readdirSync(directory)
    .filter((name) => extname(name) === extension)
    .map((name) => basename(name, extension))
    .toSorted();

/**
 * Each is a source file. `run` resolves with how it went: how many inputs were run, how many edges the kept ones passed and how many all;
 * `file` and `why` if an input broke a promise.
 */
export function allTargets() {
  const inC = namesIn(C, ".c").map((name) => ({
    name,
    compiler: compilerOfC(),
    run: (job) => runC(join(C, `${name}.c`), placesOf(name), job),
  }));
  const inTypeScript = namesIn(TYPESCRIPT, ".ts").map((name) => ({
    name,
    run: (job) => runTypeScript(join(TYPESCRIPT, `${name}.ts`), placesOf(name), job),
  }));
  return [...inC, ...inTypeScript];
}
