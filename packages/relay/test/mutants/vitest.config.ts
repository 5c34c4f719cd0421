import { readFileSync } from "node:fs";

import { mergeConfig } from "vitest/config";

import base from "../../../../vitest.config.js";

/** JSON: a file, and what its source is to be. */
const { file, source } = JSON.parse(readFileSync(process.env["MUTANT"] ?? "", "utf8")) as {
  readonly file: string;
  readonly source: string;
};

export default mergeConfig(base, {
  plugins: [{ name: "mutant", enforce: "pre", load: (id: string) => (id === file ? source : undefined) }],
});
