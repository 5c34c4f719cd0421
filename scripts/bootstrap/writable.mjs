import { accessSync, constants, existsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { Failure } from "./failure.mjs";
import { inTree, ROOT } from "./paths.mjs";
import { PACKAGES } from "./packages.mjs";

/** Directories that steps write to, as far as they exist. */
const WRITTEN = [
  ".",
  ".cache",
  ".cache/bootstrap",
  "node_modules",
  ...PACKAGES,
  ...PACKAGES.map((dir) => `${dir}/dist`),
];

function cannotWrite(path) {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return error.code;
  }
}

/** @throws Failure that says who cannot write where, and what to do */
export function requireWritableTree() {
  for (const path of WRITTEN.map((dir) => inTree(dir)).filter((path) => existsSync(path))) {
    const code = cannotWrite(path);
    if (!code) continue;
    const { username, uid } = userInfo();
    if (code === "EROFS")
      throw new Failure(
        `${path} is on a read-only file system: prepare the tree where it can be written (npm run build), or clone it elsewhere.`,
      );
    throw new Failure(
      `${path} belongs to uid ${statSync(path).uid} and ${username} (uid ${uid}) may not write there: clone the tree as ${username}, or give it to ${username}: sudo chown -R ${uid} ${ROOT}`,
    );
  }
}
