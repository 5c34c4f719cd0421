import { existsSync, readFileSync } from "node:fs";
import { inTree } from "./paths.mjs";
import { libc } from "./runtime.mjs";

const packagesIn = (file) => Object.entries(JSON.parse(readFileSync(file, "utf8")).packages);

const allows = (list, value) => !list || list.includes(value);

/** Optional packages without a platform are the needs of other platforms' packages; npm decides about them. */
function isForHere({ optional, os, cpu, libc: libcs }) {
  if (!optional) return true;
  return Boolean(os ?? cpu) && allows(os, process.platform) && allows(cpu, process.arch) && allows(libcs, libc());
}

const wanted = () => packagesIn(inTree("package-lock.json")).filter(([path, entry]) => path && isForHere(entry));

/** How many packages come from the registry. */
export const countWanted = () => wanted().filter(([, { integrity }]) => integrity).length;

/** What package-lock.json names and node_modules lacks, whoever installed it: npm keeps its own record there. */
export function missingPackages() {
  const record = inTree("node_modules/.package-lock.json"); // npm writes it last
  const present = new Map(existsSync(record) ? packagesIn(record) : []);
  const isPresent = ([path, { version, integrity, link }]) => {
    const found = present.get(path);
    return found && found.version === version && found.integrity === integrity && found.link === link;
  };
  return wanted()
    .filter((entry) => !isPresent(entry))
    .map(([path]) => path);
}

export const isInstalled = () => missingPackages().length === 0;
