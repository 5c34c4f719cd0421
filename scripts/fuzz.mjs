/**
 * `npm run fuzz -- [TARGET…]`: coverage-guided fuzzing of what decodes bytes from outside; CONTRIBUTING.md says more.
 *
 *   --seconds N    for each target; without it 60 s for all together
 *   --minimise     keeps what is needed of the kept inputs and of those that were found since, and writes down what they cover
 *   --replay FILE  runs one input
 *
 * With WRITE_FIGURES set, what came of those without a finding is written into docs/reliability.md.
 * The last line counts targets. A figure that falls, or an input that breaks a promise, is a failure.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { inTree } from "./bootstrap/paths.mjs";
import { writeFuzzing } from "./fuzz/figures.mjs";
import { allTargets } from "./fuzz/targets.mjs";

const FIGURES = inTree("test/fuzz/coverage.json");
const ALL_SECONDS = 60;
const AT_ONCE = Math.min(2, availableParallelism());

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string" }, minimise: { type: "boolean" }, replay: { type: "string" } },
});
const targets = allTargets();
const unknown = positionals.find((name) => targets.every((target) => target.name !== name));
if (unknown !== undefined) {
  process.stderr.write(`no target is called ${unknown}: there are ${targets.map(({ name }) => name).join(", ")}\n`);
  process.exit(2);
}
const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const seconds = Number(values.seconds ?? (ALL_SECONDS * AT_ONCE) / chosen.length);
const mode = values.minimise ? "minimise" : values.replay === undefined ? "fuzz" : "replay";
const figures = JSON.parse(readFileSync(FIGURES, "utf8"));
const began = performance.now();
const seed = Date.now() % 2 ** 31;

/** What is wrong, as a sentence; undefined if nothing is. */
function faultOf(target, outcome) {
  const { name, compiler } = target;
  if (outcome.file !== undefined)
    return `${outcome.why}\n  to run it again: npm run fuzz -- ${name} --replay ${relative(inTree(), outcome.file)}`;
  if (mode !== "fuzz") return undefined;
  const figure = figures[name];
  if (figure === undefined) return "nothing is kept of it: npm run fuzz -- --minimise";
  if (figure.compiler !== compiler)
    return `what it covers was counted by ${figure.compiler}, and ${compiler} counts other edges`;
  if (outcome.kept < figure.edges)
    return `the kept inputs pass ${outcome.kept} edges, and passed ${figure.edges}: npm run fuzz -- ${name} --seconds 60, then --minimise`;
  return undefined;
}

async function run(target) {
  const { name } = target;
  const outcome = await target.run({ mode, seconds, seed, file: values.replay === undefined ? "" : values.replay });
  const fault = faultOf(target, outcome);
  const { executions, kept, edges } = outcome;
  if (fault === undefined) fuzzed.push({ name, seconds, executions, edges });
  const minutes = Math.round((performance.now() - began) / 6000) / 10;
  process.stderr.write(
    `${name}: ${executions} inputs, ${kept} edges kept, ${edges} passed, ${minutes} min in all${fault === undefined ? "" : `\n  FAILED: ${fault}`}\n`,
  );
  if (mode === "minimise" && fault === undefined)
    figures[name] = { edges, ...(target.compiler !== undefined && { compiler: target.compiler }) };
  return fault === undefined;
}

const rounded = (each) => Math.round(each * 10) / 10;
if (mode === "fuzz")
  process.stderr.write(
    `${chosen.length} targets, ${rounded(seconds)} s each, ${AT_ONCE} at a time: ${rounded((chosen.length * seconds) / AT_ONCE / 60)} min; seed ${seed}\n`,
  );
const waiting = [...chosen];
const good = [];
const fuzzed = [];
async function lane() {
  for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) good.push(await run(target));
}
await Promise.all(Array.from({ length: AT_ONCE }, lane));
if (mode === "minimise") {
  const sorted = Object.entries(figures).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(FIGURES, `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`);
}
if (mode === "fuzz" && process.env["WRITE_FIGURES"])
  await writeFuzzing(
    targets.map(({ name }) => name),
    fuzzed,
  );
const passed = good.filter(Boolean).length;
process.stdout.write(`${passed} passed, ${good.length - passed} failed, 0 skipped\n`);
process.exitCode = passed === good.length ? 0 : 1;
