import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inCache } from "../scripts/bootstrap/paths.mjs";
import { bundle } from "../scripts/fuzz/counted.mjs";
import type { Job } from "./fuzz/engine/work.js";
import { ROOT } from "./packages.js";

/** Four bytes of 2^32: who does not see that he comes nearer finds them in some weeks. */
const DECODER = `export function decode(bytes: Uint8Array): void {
  if (bytes[0] === 0xf0)
    if (bytes[1] === 0x27)
      if (bytes[2] === 0x13)
        if (bytes[3] === 0x98) FAULT;
}`;
const FAULTS = [
  ["throws", 'throw new Error("it cannot")'],
  ["does not end", "for (;;);"],
  ["takes all memory", "for (const all: string[] = []; ; ) all.push(`${all.length}`.repeat(64))"],
] as const;
const TARGET = `import { main } from "${ROOT}/test/fuzz/engine/watch.js";
import { decode } from "./packages/x/src/decoder.js";
main({ run: decode, seeds: () => [], longest: 16 });`;

let place = "";
beforeEach(() => {
  mkdirSync(inCache("fuzz"), { recursive: true });
  place = mkdtempSync(inCache("fuzz", "test-"));
  mkdirSync(join(place, "packages/x/src"), { recursive: true });
});
afterEach(() => rmSync(place, { recursive: true }));

async function run(job: Partial<Job>, fault: string): Promise<string> {
  writeFileSync(join(place, "packages/x/src/decoder.ts"), DECODER.replace("FAULT", fault));
  writeFileSync(join(place, "target.ts"), TARGET);
  const { code, words } = await bundle(join(place, "target.ts"));
  writeFileSync(join(place, "target.mjs"), code);
  const [corpus, found, findings] = ["corpus", "found", "findings"].map((name) => join(place, name));
  const input = JSON.stringify({ seconds: 60, seed: 1, file: "", corpus, found, findings, words, ...job });
  try {
    return execFileSync(process.execPath, [join(place, "target.mjs")], { input, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

test.each(FAULTS)("an input for which a decoder %s is found, and written down", async (_, fault) => {
  const said = JSON.parse(await run({ mode: "fuzz", patience: 2 }, fault)) as { readonly file: string };
  expect([...readFileSync(said.file)].slice(0, 4)).toEqual([0xf0, 0x27, 0x13, 0x98]);
});

test("of many inputs the shortest are kept that do all that is done", async () => {
  for (const directory of ["corpus", "found"]) mkdirSync(join(place, directory));
  const inputs = [[0xf0], [0xf0, 1, 2, 3], [0xf0, 0x27, 9], [1], [2], [0xf0, 0x27]];
  for (const [i, bytes] of inputs.entries()) writeFileSync(join(place, "found", `${i}`), Uint8Array.from(bytes));
  const { edges } = JSON.parse(await run({ mode: "minimise" }, "")) as { readonly edges: number };
  const kept = readdirSync(join(place, "corpus")).map((name) => [...readFileSync(join(place, "corpus", name))]);
  expect(kept.toSorted((a, b) => a.length - b.length)).toEqual(
    [[1], [0xf0], [0xf0, 0x27]].toSorted((a, b) => a.length - b.length),
  );
  expect(edges).toBe(6); // the function, both arms of two branches and one of a third
});
