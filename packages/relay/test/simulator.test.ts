import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { afterAll, expect, test, vi } from "vitest";

import { writeFigures } from "../../../scripts/reliability.mjs";
import { ROOT } from "../../../test/packages.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { Journal } from "../src/journal.js";
import { KnownDevice } from "../src/known-device.js";
import { Outbox } from "../src/outbox.js";
import { Outlet } from "../src/outlet.js";
import { Resync } from "../src/resync.js";
import { FOUND } from "./simulator/found.js";
import type { Simulated } from "./simulator/simulate.js";
import { simulate } from "./simulator/simulate.js";
import { plan } from "./simulator/steps.js";

const SEEDS = Number(process.env["SIMULATOR_SEEDS"] ?? 40);
const STEPS = 200;
/** Histories after which a broken relay is found out. */
const SABOTAGED = 40;
const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const FIRST = Number(process.env["SIMULATOR_FROM"] ?? 0); // the same ones for everybody: a change that breaks one is the one that is tried

test(
  "after any history each listener was told exactly what it may see, by a history that could have happened",
  async () => {
    const args = ["scripts/simulate.mjs", "--seeds", `${SEEDS}`, "--steps", `${STEPS}`, "--from", `${FIRST}`];
    const command = promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const { stdout, stderr, code } = await command.then(
      (said) => ({ ...said, code: 0 }),
      (error: { readonly stdout: string; readonly stderr: string; readonly code: number }) => error,
    );
    expect(code, `${stdout}${stderr}`).toBe(0);
    await writeFigures("simulator", `\`\`\`\n${stdout.trimEnd()}\n\`\`\``);
  },
  60_000 + SEEDS * 600,
);

test.each(FOUND)("again: %s", async (_, { setup, steps }) => {
  const { faults } = await simulate({ seed: 0, setup, steps }, directory.path);
  expect(faults).toEqual([]);
});

test("a seed says all of a history: the same one has the same things told in the same order", async () => {
  const [first, other, again] = [await history(1), await history(2), await history(1)];
  expect(again.hash).toBe(first.hash);
  expect(other.hash).not.toBe(first.hash);
});

test.each([
  ["what was sent is not written down", () => vi.spyOn(Journal.prototype, "marks").mockReturnValue([])],
  [
    "it takes another device for the one that was told",
    () => vi.spyOn(KnownDevice.prototype, "is").mockReturnValue(true),
  ],
  ["a hole is not made good", () => vi.spyOn(Resync.prototype, "start").mockReturnValue()],
  ["who may see something else is not told", () => vi.spyOn(Outlet.prototype, "fallBehind").mockReturnValue()],
  ["a datagram is lost", () => vi.spyOn(Outbox.prototype, "push").mockReturnValueOnce()],
])("a relay is found out if %s", async (_, sabotage) => {
  let faults: readonly string[] = [];
  for (let seed = 0; seed < SABOTAGED && faults.length === 0; seed++) {
    const spy = sabotage();
    ({ faults } = await history(seed));
    spy.mockRestore();
  }
  expect(faults).not.toEqual([]);
});

function history(seed: number): Promise<Simulated> {
  return simulate(plan(seed, STEPS), directory.path);
}
