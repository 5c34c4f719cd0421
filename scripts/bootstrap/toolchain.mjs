import { cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { inCache, inTree } from "./paths.mjs";

const REMEDY = "apt-get install -y build-essential python3";

const onPath = (program) => (process.env.PATH ?? "").split(delimiter).some((dir) => existsSync(join(dir, program)));

/** @throws Failure that names what is missing */
export function requireCompiler() {
  const compilers = [process.env.CC ?? "cc", process.env.CXX ?? "g++"].map((command) => command.split(" ")[0]);
  const missing = [...compilers, "make", "python3"].filter((program) => !existsSync(program) && !onPath(program));
  if (missing.length === 0) return;
  throw new Failure(
    `Compiling the addon needs ${missing.join(", ")}, not found on PATH. On Debian or Ubuntu: ${REMEDY}`,
  );
}

/** What node-gyp needs beside Node-API's headers to be content. */
const COMMON_GYPI = `{
  "target_defaults": {
    "default_configuration": "Release",
    "configurations": { "Release": { "cflags": ["-O3"] }, "Debug": { "cflags": ["-g", "-O0"] } },
    "cflags": ["-pthread"], "ldflags": ["-pthread"],
    "conditions": [["_type in 'shared_library loadable_module'", { "cflags": ["-fPIC"] }]]
  }
}
`;

function headersOfNodeApi() {
  const prefix = inCache("node-api");
  const include = join(prefix, "include/node");
  mkdirSync(include, { recursive: true });
  cpSync(inTree("node_modules/node-api-headers/include"), include, { recursive: true });
  writeFileSync(join(include, "common.gypi"), COMMON_GYPI);
  return prefix;
}

const headersOfNode = () => {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, "include/node/node.h")) ? prefix : undefined;
};

/**
 * Where node-gyp finds headers without fetching any from nodejs.org. Node's own if this Node brought them;
 * else Node-API's, which are enough for an addon that uses nothing else.
 */
export function headers({ nodeApiOnly }) {
  const nodedir = process.env.npm_config_nodedir ?? headersOfNode() ?? (nodeApiOnly ? headersOfNodeApi() : undefined);
  return nodedir ? { npm_config_nodedir: nodedir } : {};
}
