import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inCache, inTree } from "./paths.mjs";

const stampFile = (step) => inCache("bootstrap", `${step.name}.stamp`);

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A digest of what a step is made from: names and contents of its `inputs`, and the words of its `runtime`. */
function digest({ inputs, runtime = [] }) {
  const hash = createHash("sha256").update(JSON.stringify(runtime));
  for (const input of inputs()) {
    for (const file of filesBelow(inTree(input))) hash.update(`\0${file}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function stampOf(step) {
  return existsSync(stampFile(step)) ? readFileSync(stampFile(step), "utf8") : undefined;
}

/** True if the step's outputs are there and were made from its inputs as they are now. */
export function isFresh(step) {
  if (step.isFresh) return step.isFresh();
  if (step.orFresh && isFresh(step.orFresh)) return true;
  return step.outputs().every((path) => existsSync(inTree(path))) && stampOf(step) === digest(step);
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Runs `work` and, if it says that it succeeded, stamps the step with what its inputs were before. */
export async function stamped(step, work) {
  const before = step.isFresh ? undefined : digest(step);
  rmSync(stampFile(step), { force: true });
  const worked = await work();
  if (worked && before) write(stampFile(step), before);
  return worked;
}
