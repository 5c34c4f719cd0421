import { existsSync, rmSync } from "node:fs";
import { countWanted, isInstalled, missingPackages } from "./installed.mjs";
import { npm } from "./npm.mjs";
import { librariesOf, PACKAGES, programsOf } from "./packages.mjs";
import { inTree } from "./paths.mjs";
import { RUNTIME } from "./runtime.mjs";
import { compile, headers, headersRemedy } from "./toolchain.mjs";

/*
 * A step is { name, label, commands } and
 * - inputs, runtime, outputs: it is fresh if the outputs exist and were made from these inputs; or isFresh, which says so itself
 * - orFresh: a step that makes all of it too
 * - compiles: true if it needs a compiler
 * - optional: what is missing without it; all else goes on when it fails
 * - remedy: what to do when it failed, if that can be told
 * - before: what to clear away first
 */

const few = (names) =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");

const install = {
  name: "install",
  label: () => `installing ${countWanted()} packages`,
  isFresh: isInstalled,
  before: () => rmSync(inTree("node_modules"), { recursive: true, force: true }), // an install that was killed leaves half packages
  // not `npm ci`: it refuses a lockfile that lacks optional packages of other platforms, as the registry's mirrors do
  commands: () => [npm(["install", "--no-save", "--ignore-scripts", "--include=dev", "--include=optional"])],
  remedy: () => `Not installed: ${few(missingPackages())}`,
};

const UNIX_DGRAM = "node_modules/unix-dgram/build/Release/unix_dgram.node";

const unixDgram = {
  name: "unix-dgram",
  label: () => "compiling unix-dgram",
  compiles: true,
  optional: "Listening inside containers needs unix-dgram; its tests are skipped",
  inputs: () => ["node_modules/unix-dgram/package.json"],
  runtime: RUNTIME,
  outputs: () => [UNIX_DGRAM],
  commands: () => compile("node_modules/unix-dgram", UNIX_DGRAM, { stableOnly: false }),
};

const ADDON = "packages/linux/build/Release/uevent_bridge.node";

const addon = {
  name: "addon",
  label: () => "compiling the addon",
  compiles: true,
  inputs: () => ["packages/linux/binding.gyp", "packages/linux/native"],
  runtime: RUNTIME,
  outputs: () => [ADDON],
  commands: () => compile("packages/linux", ADDON, { stableOnly: true }),
  remedy: headersRemedy,
};

/** What goes into the tarball, so that an install compiles nothing. prebuildify removes what `addon` made. */
const prebuild = {
  ...addon,
  name: "prebuild",
  label: () => "compiling the addon for the tarball",
  outputs: () => ["packages/linux/prebuilds"],
  commands: () => [npm(["run", "prebuilds", "--workspace", "packages/linux"], headers({ stableOnly: true }))],
};

const AGENT = "packages/agent";

const buildAgent = (directory) => ({
  compiles: true,
  inputs: () =>
    ["build.mjs", "native", "shim"].map((name) => `${AGENT}/${name}`).filter((path) => existsSync(inTree(path))),
  runtime: [process.arch],
  outputs: () => ["uevent-agent", "uevent-shim.so"].map((name) => `${AGENT}/${directory}/${name}`),
  commands: () => [{ file: process.execPath, args: [inTree(AGENT, "build.mjs"), directory] }],
});

const agent = { name: "agent", label: () => "compiling the agent", ...buildAgent("build") };

const agentPrebuild = {
  name: "agent-prebuild",
  label: () => "compiling the agent for the tarball",
  ...buildAgent(`prebuilds/linux-${process.arch}`),
};

const SOURCES = [
  ...PACKAGES.flatMap((directory) => [`${directory}/src`, `${directory}/package.json`]),
  "tsup.config.js",
];

const tsup = (...args) => ({
  file: process.execPath,
  args: [inTree("node_modules/tsup/dist/cli-default.js"), ...args],
});

const eachOf = (outputsOf) =>
  PACKAGES.flatMap((directory) => outputsOf(directory).map((output) => `${directory}/${output}`));

const builtFiles = () => [...eachOf(librariesOf), ...eachOf(programsOf)];

const types = {
  name: "types",
  label: () => `building ${PACKAGES.length} packages with their types`,
  inputs: () => [...SOURCES, "tsconfig.json"],
  outputs: () => [...builtFiles(), ...eachOf(librariesOf).map((path) => path.replace(/\.js$/, ".d.ts"))],
  commands: () => [tsup()],
};

const javascript = {
  name: "javascript",
  label: () => `building ${PACKAGES.length} packages`,
  inputs: () => SOURCES,
  outputs: builtFiles,
  orFresh: types,
  commands: () => [tsup("--no-dts")],
};

const prepared = [install, unixDgram, addon, agent];

/** What each command needs, in order. */
export const STEPS = {
  demo: [...prepared, javascript],
  bench: [...prepared, javascript],
  fuzz: [install],
  soak: [...prepared, javascript],
  verify: [...prepared, javascript],
  simulate: [install],
  mutate: [install],
  test: [...prepared, { ...javascript, optional: "Tests run from source, but those of what is shipped fail" }],
  build: [install, unixDgram, prebuild, addon, agentPrebuild, agent, types],
};
