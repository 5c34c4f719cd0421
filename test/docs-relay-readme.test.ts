import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { blockIn, readPage } from "./docs.js";

const example = blockIn(readPage("packages/relay/README.md"), "ts");

/** Runs the example and gives what it prints, line by line. */
async function run(code: string): Promise<string[]> {
  const lines: string[] = [];
  const body = code.replaceAll(/^import .*$/gm, "");
  // oxlint-disable-next-line typescript/no-implied-eval -- the example of our own documentation
  const main = new Function("FakeKernel", "openRelay", "console", `return (async () => {${body}})();`) as (
    ...parts: readonly unknown[]
  ) => Promise<void>;
  await main(FakeKernel, openRelay, { log: (line: string) => lines.push(line) });
  return lines;
}

test("the example of the relay's README prints what it says", async () => {
  const promised = [...example.matchAll(/\/\/ prints (.*)$/gm)].map(([, line]) => line);
  expect(promised).toHaveLength(3);
  expect(await run(example)).toEqual(promised);
});
