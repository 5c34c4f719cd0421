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

/** True if node_modules holds what package-lock.json names, whoever installed it: npm keeps its own record there. */
export function isInstalled() {
  const record = inTree("node_modules/.package-lock.json");
  if (!existsSync(record)) return false; // npm writes it last
  const present = new Map(packagesIn(record));
  return wanted().every(([path, { version, integrity, link }]) => {
    const found = present.get(path);
    return found && found.version === version && found.integrity === integrity && found.link === link;
  });
}
