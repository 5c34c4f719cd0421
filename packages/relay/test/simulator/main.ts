/** `npm run simulate`: histories of the relay, each of which is a matter of its seed alone. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { temporaryDirectory } from "../../../../test/real/temporary.js";
import { missingIn, tableOf } from "./coincidences.js";
import { shrink } from "./shrink.js";
import { simulate } from "./simulate.js";
import { plan } from "./steps.js";
import type { Sum } from "./worker.js";
import { NOTHING, both, simulateAll } from "./worker.js";

/** Histories among which each combination should be. */
const ENOUGH = 150;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "0" },
    steps: { type: "string", default: "200" },
    processes: { type: "string", default: `${Math.min(2, availableParallelism())}` },
    worker: { type: "string" },
  },
});
const [seeds, from, steps, processes] = [values.seeds, values.from, values.steps, values.processes].map(Number) as [
  number,
  number,
  number,
  number,
];

/** Every so many seeds, from the one with this number on. */
function* share(number: number): Generator<number> {
  for (let seed = from + number; seed < from + seeds; seed += processes) yield seed;
}

/** The share of another process. */
function work(number: number): Promise<Sum> {
  const args = [...process.argv.slice(2), "--worker", `${number}`];
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ["--max-semi-space-size=64"] }); // little lasts longer than a history
  return new Promise((resolve, reject) => {
    child.once("message", (sum) => resolve(sum as Sum));
    child.once("exit", (status) => reject(new Error(`a process that simulates ended with ${status}`)));
  });
}

/** Prints what is wrong with a history, and the fewest steps that show it. */
async function show(seed: number): Promise<boolean> {
  using directory = temporaryDirectory();
  const { path } = directory;
  const whole = plan(seed, steps);
  const { faults, hash, kills, events } = await simulate(whole, path);
  console.log(`seed ${seed}: ${steps} steps, ${kills} kills, ${events} events, trace ${hash}`);
  if (faults.length === 0) return true;
  const { setup, steps: few } = await shrink(whole, async (fewer) => (await simulate(fewer, path)).faults.length > 0);
  const short = await simulate({ seed, setup, steps: few }, path);
  console.log([`with ${JSON.stringify(setup)} ${few.length} steps are enough:`, ...few.map(lineOf)].join("\n"));
  console.log(["then:", ...short.faults].join("\n  "));
  return false;
}

function lineOf([kind, a, b]: readonly [string, number, number], i: number): string {
  return `  ${`${i + 1}`.padStart(3)} ${kind} ${a} ${b}`;
}

/** True if all went well. */
async function showAll(): Promise<boolean> {
  const started = performance.now();
  const sums = await Promise.all(Array.from({ length: processes }, (_, number) => work(number)));
  const { histories, kills, events, failed, coincidences } = sums.reduce(both, NOTHING);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(tableOf(coincidences));
  for (const seed of failed) await show(seed);
  if (failed.length > 0) console.log(`again: npm run simulate -- --seed ${failed[0]} --steps ${steps}`);
  const missing = histories < ENOUGH ? [] : missingIn(coincidences);
  for (const each of missing) console.log(`in no history: ${each}`);
  const range = `seeds ${from} to ${from + seeds - 1}`;
  console.log(
    `${range}: ${histories} histories of ${steps} steps, ${kills} kills, ${events} events, ${failed.length} failed, ${seconds} s`,
  );
  return failed.length + missing.length === 0;
}

if (values.worker !== undefined) {
  process.send?.(await simulateAll(share(Number(values.worker)), steps));
  process.disconnect();
} else {
  const isGood = values.seed === undefined ? await showAll() : await show(Number(values.seed));
  process.exitCode = isGood ? 0 : 1;
}
