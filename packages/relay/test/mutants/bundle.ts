import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as esbuild from "esbuild";

const CATCH = join(process.cwd(), "packages/relay/test/mutants/catch.ts");

/** Makes one program of catch.ts and of all that it runs, with these sources in place of those that are there. False if one is no JavaScript. */
export async function bundle(outfile: string, sources: ReadonlyMap<string, string>): Promise<boolean> {
  try {
    await build(outfile, sources);
    return true;
  } catch (error) {
    if (error instanceof Error && "errors" in error && !error.message.includes("Failed to write")) return false;
    throw error;
  }
}

async function build(outfile: string, sources: ReadonlyMap<string, string>): Promise<void> {
  await esbuild.build({
    entryPoints: [CATCH],
    outfile,
    bundle: true,
    external: ["msgpackr", "eventemitter3"],
    conditions: ["@uevent-bridge/source"],
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "silent",
    plugins: [
      {
        name: "mutants",
        setup: (plugin) => {
          plugin.onLoad({ filter: /packages\/(relay|filter)\/src\/.*\.ts$/ }, ({ path }) => {
            return { contents: sources.get(path) ?? readFileSync(path, "utf8"), loader: "ts" };
          });
        },
      },
    ],
  });
}
