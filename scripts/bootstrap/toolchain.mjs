import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { inCache, inTree } from "./paths.mjs";

const REMEDY = "apt-get install -y build-essential python3";

const onPath = (program) => (process.env.PATH ?? "").split(delimiter).some((dir) => existsSync(join(dir, program)));

/** @throws Failure on another system or an older Node than package.json asks for */
export function requireNode() {
  if (process.platform !== "linux") throw new Failure("uevent-bridge is for Linux: start this in a virtual machine.");
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Failure(`uevent-bridge needs Node 20.19 or later, and this is ${process.version}: https://nodejs.org`);
}

/** @throws Failure that names what is missing */
export function requireCompiler() {
  const compilers = [process.env.CC ?? "cc", process.env.CXX ?? "g++"].map((command) => command.split(" ")[0]);
  const missing = [...compilers, "make", "python3"].filter((program) => !existsSync(program) && !onPath(program));
  if (missing.length === 0) return;
  throw new Failure(
    `Compiling the addon needs ${missing.join(", ")}, not found on PATH. On Debian or Ubuntu: ${REMEDY}`,
  );
}

const fileIn = (prefix, name) => join(prefix, "include/node", name);

/** Headers of another release compile too, and make an addon that does not load. */
function isThisRelease(prefix) {
  const file = fileIn(prefix, "node_version.h");
  return existsSync(file) && readFileSync(file, "utf8").includes(`NODE_MODULE_VERSION ${process.versions.modules}\n`);
}

/** Node-API and libuv are the same in every release. */
const hasStableHeaders = (prefix) =>
  ["node_api.h", "uv.h", "common.gypi"].every((name) => existsSync(fileIn(prefix, name)));

/**
 * A prefix with Node's headers on this machine, or "": then node-gyp fetches them from nodejs.org.
 * With `stableOnly` those of another release will do.
 */
function findHeaders({ stableOnly }) {
  const ofThisNode = dirname(dirname(realpathSync(process.execPath)));
  const prefixes = [process.env.npm_config_nodedir, ofThisNode, "/usr/local", "/usr"].filter(Boolean);
  return prefixes.find(isThisRelease) ?? (stableOnly ? prefixes.find(hasStableHeaders) : undefined) ?? "";
}

/** What node-gyp must know of them. */
export const headers = (options) => ({
  npm_config_nodedir: findHeaders(options),
  npm_config_devdir: inCache("headers"), // HOME may not be writable
});

/** What to do if compiling failed for want of headers. */
export const headersRemedy = () =>
  findHeaders({ stableOnly: true }) === ""
    ? "Node came without its headers and they could not be fetched from nodejs.org: install Node with its include/ directory, or set npm_config_nodedir to a prefix that has one."
    : undefined;

/** Commands that compile the addon in a directory below the root and see that it loads. */
export function compile(directory, output, options) {
  return [
    {
      file: process.execPath,
      args: [inTree("node_modules/node-gyp/bin/node-gyp.js"), "rebuild"],
      cwd: inTree(directory),
      env: headers(options),
    },
    { file: process.execPath, args: ["--eval", `require(${JSON.stringify(inTree(output))})`] },
  ];
}
