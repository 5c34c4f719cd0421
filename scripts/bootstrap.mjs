/**
 * `npm test`, `npm run demo`, `bench`, `fuzz`, `simulate`, `mutate`, `soak`, `verify` and `build` on a tree that may be a fresh clone.
 *
 * Brings what is stale up to date, then becomes the program that was asked for. Until the first step has run nothing is
 * installed, so that this file and scripts/bootstrap/ import Node's own modules alone.
 */
import { pathToFileURL } from "node:url";
import { Failure } from "./bootstrap/failure.mjs";
import { holdLock } from "./bootstrap/lock.mjs";
import { inTree, ROOT } from "./bootstrap/paths.mjs";
import { runStep } from "./bootstrap/run.mjs";
import { isFresh } from "./bootstrap/stamp.mjs";
import { STEPS } from "./bootstrap/steps.mjs";
import { requireCompiler, requireNode } from "./bootstrap/toolchain.mjs";
import { requireWritableTree } from "./bootstrap/writable.mjs";

/** Each command ends in a program; `build` has none. */
const PROGRAMS = {
  bench: ["bench/run.mjs"],
  soak: ["bench/soak.mjs"],
  demo: ["packages/uevent-bridge/dist/cli.js", "demo"],
  fuzz: ["scripts/fuzz.mjs"],
  verify: ["scripts/verify.mjs"],
  simulate: ["scripts/simulate.mjs"],
  mutate: ["scripts/mutate.mjs"],
  test: ["node_modules/vitest/vitest.mjs", "run", "--configLoader", "runner"],
};

/** What a command does if it is given no arguments. */
const DEFAULTS = { test: ["pure", "machine", "real"].flatMap((name) => ["--project", name]) };

async function bringUpToDate(steps) {
  if (steps.every(isFresh)) return; // the usual start: no lock, nothing written
  requireWritableTree();
  const lock = await holdLock();
  try {
    const stale = () => steps.filter((step) => !isFresh(step));
    if (stale().some((step) => step.compiles)) requireCompiler();
    for (const step of steps) if (!isFresh(step)) await runStep(step, lock);
  } finally {
    lock.release();
  }
}

/** The program runs in this very process: its signals, terminal and exit status need no passing on. */
async function become([program, ...args]) {
  const path = inTree(program);
  process.argv = [process.argv[0], path, ...args];
  await import(pathToFileURL(path).href);
}

async function main([command, ...args]) {
  const steps = STEPS[command];
  if (!steps) throw new Failure(`usage: node scripts/bootstrap.mjs ${Object.keys(STEPS).join("|")} [ARGUMENT…]`);
  requireNode();
  process.chdir(ROOT);
  await bringUpToDate(steps);
  const given = args.length > 0 ? args : (DEFAULTS[command] ?? []);
  if (PROGRAMS[command]) await become([...PROGRAMS[command], ...given]);
}

main(process.argv.slice(2)).catch((error) => {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
