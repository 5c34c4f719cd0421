/** Prints all that `import(process.argv[2])` loads, one on each line: ES modules, CommonJS modules, Node's own. */
import { writeSync } from "node:fs";
import { createRequire, register } from "node:module";
import { isMainThread } from "node:worker_threads";

// This file is its own loader: Node calls `load` in a thread for that.
export async function load(url, context, next) {
  writeSync(1, `${url}\n`);
  return await next(url, context);
}

async function main(specifier) {
  const before = new Set(process.moduleLoadList);
  register(import.meta.url);
  await import(specifier);
  for (const path of Object.keys(createRequire(import.meta.url).cache)) console.log(path);
  for (const name of process.moduleLoadList) if (!before.has(name)) console.log(name);
}

const [specifier] = process.argv.splice(2, 1, "--version"); // what a command that is imported is asked for
if (isMainThread && specifier) await main(specifier);
