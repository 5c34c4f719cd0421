import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "tsup";

const SOURCE = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../../node_modules/.cache", import.meta.url)); // dependencies are found from here

export interface Built {
  /** The package as JavaScript, for a process or thread of its own. */
  readonly path: string;
  remove(): void;
}

export async function buildListener(): Promise<Built> {
  mkdirSync(CACHE, { recursive: true });
  const outDir = mkdtempSync(join(CACHE, "listener-test-"));
  await build({
    entry: [SOURCE],
    outDir,
    format: "esm",
    config: false,
    silent: true,
    noExternal: [/^@uevent-bridge\//],
    outExtension: () => ({ js: ".mjs" }),
    esbuildOptions: (options) => {
      options.conditions = ["@uevent-bridge/source"];
    },
  });
  return { path: join(outDir, "index.mjs"), remove: () => rmSync(outDir, { recursive: true, force: true }) };
}
