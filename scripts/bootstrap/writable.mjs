import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { PACKAGES } from "./packages.mjs";
import { inTree, ROOT } from "./paths.mjs";

/** Directories that steps write to, as far as they exist. */
const WRITTEN = [
  [".", ".cache", ".cache/bootstrap", "node_modules", "node_modules/unix-dgram"],
  PACKAGES.flatMap((directory) => [directory, ...["build", "dist", "prebuilds"].map((name) => join(directory, name))]),
].flat();

function whyNot(path) {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return error.code;
  }
}

function sentence(path, code) {
  if (code === "EROFS")
    return `${path} is on a read-only file system: run \`npm run build\` once where it can be written, or copy the tree`;
  const uid = process.getuid();
  return `${path} belongs to uid ${statSync(path).uid}, and uid ${uid} cannot write there: clone the tree as yourself, or have it given to you: sudo chown -R ${uid} ${ROOT}`;
}

/** @throws Failure that says who cannot write where, and what to do */
export function requireWritableTree() {
  for (const path of WRITTEN.map((dir) => inTree(dir)).filter((path) => existsSync(path))) {
    const code = whyNot(path);
    if (code) throw new Failure(sentence(path, code));
  }
}
