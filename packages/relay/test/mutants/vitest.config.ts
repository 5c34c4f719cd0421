import { readFileSync } from "node:fs";

import { mergeConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

import base from "../../../../vitest.config.js";

/** JSON: a file, and what its source is to be. */
const { file, source } = JSON.parse(readFileSync(process.env["MUTANT"] ?? "", "utf8")) as {
  readonly file: string;
  readonly source: string;
};

/** The first failure ends it, so those that took long the last time come last. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toReversed();
  }
}

export default mergeConfig(base, {
  test: { sequence: { sequencer: QuickFirst } },
  plugins: [{ name: "mutant", enforce: "pre", load: (id: string) => (id === file ? source : undefined) }],
});
