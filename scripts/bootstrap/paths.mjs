import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const inTree = (...parts) => join(ROOT, ...parts);

/** Stamps, logs and, where HOME will not do, npm's cache. */
export const inCache = (...parts) => inTree(".cache", ...parts);
