import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { mergeConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

import base from "../../../../vitest.config.js";

/** JSON: a file, and what its source is to be. */
const { file, source } = JSON.parse(readFileSync(process.env["MUTANT"] ?? "", "utf8")) as {
  readonly file: string;
  readonly source: string;
};

/** The first failure ends it: those that are about the file come first, and those that took long the last time come last. */
class LikelyFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const quickFirst = (await super.sort(files)).toReversed();
    const isAbout = ({ moduleId }: TestSpecification): boolean => basename(moduleId).startsWith(basename(file, ".ts"));
    return [...quickFirst.filter(isAbout), ...quickFirst.filter((each) => !isAbout(each))];
  }
}

export default mergeConfig(base, {
  test: { sequence: { sequencer: LikelyFirst } },
  plugins: [{ name: "mutant", enforce: "pre", load: (id: string) => (id === file ? source : undefined) }],
});
