import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describeMachine } from "./harness/machine.js";
import { inTree } from "./harness/places.js";
import type { Delivered, Result, Row, Scenario } from "./harness/result.js";
import { temporaryDirectory } from "./harness/temporary.js";
import { readOptions } from "./options.js";
import type { Options } from "./options.js";
import { page } from "./report/page.js";
import { plotLatency, plotRoute } from "./report/plots.js";
import { amountsTable, table } from "./report/table.js";
import { deliveryPage, deliveryTable } from "./report/delivery.js";
import { decode } from "./scenarios/decode.js";
import { delivery } from "./scenarios/delivery.js";
import { drain } from "./scenarios/drain.js";
import { endToEnd } from "./scenarios/end-to-end.js";
import { inject } from "./scenarios/inject.js";
import { latency } from "./scenarios/latency.js";
import { manyViews } from "./scenarios/many-views.js";
import { neighbours } from "./scenarios/neighbours.js";
import { route } from "./scenarios/route.js";
import { touch } from "./scenarios/touch.js";

const SCENARIOS: readonly Scenario[] = [
  drain,
  decode,
  route,
  endToEnd,
  inject,
  latency,
  neighbours,
  touch,
  manyViews,
  delivery,
];

type Results = ReadonlyMap<Scenario, Result>;

async function runAll({ quick, only }: Options): Promise<Results> {
  const results = new Map<Scenario, Result>();
  const directory = temporaryDirectory();
  for (const scenario of SCENARIOS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const own = join(directory, scenario.name);
    mkdirSync(own);
    process.stderr.write(`${scenario.name} … `);
    const start = performance.now();
    results.set(scenario, await scenario.run({ quick, directory: own }));
    process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  }
  return results;
}

async function writeDocs(results: Results, rows: readonly Row[]): Promise<void> {
  const points = (scenario: Scenario) => results.get(scenario)?.points ?? [];
  writeFileSync(inTree("docs/benchmarks-route.svg"), plotRoute(points(route)));
  writeFileSync(inTree("docs/benchmarks-latency.svg"), plotLatency(points(latency)));
  writeFileSync(inTree("docs/benchmarks.md"), await page(machine, rows, amounts));
}

/** A page of its own, so that it can be written alone. */
async function writeDelivery(deliveries: readonly Delivered[]): Promise<void> {
  console.log(deliveryTable(deliveries));
  if (!options.quick) writeFileSync(inTree("docs/delivery.md"), await deliveryPage(machine, deliveries));
}

function writeJson(file: string, { quick }: Options, results: Results): void {
  const scenarios = Object.fromEntries(Array.from(results, ([{ name }, result]) => [name, result]));
  writeFileSync(file, `${JSON.stringify({ machine, quick, scenarios }, undefined, 2)}\n`);
}

const options = readOptions(process.argv.slice(2));
const machine = describeMachine();
const results = await runAll(options);
const rows = [...results.values()].flatMap((result) => result.rows);
const amounts = results.get(manyViews)?.amounts ?? [];
console.log(table(options.quick ? rows.map((row) => ({ ...row, checks: [] })) : rows)); // a smoke test says nothing about targets
if (amounts.length > 0) console.log(amountsTable(amounts));
const deliveries = results.get(delivery)?.deliveries;
if (deliveries) await writeDelivery(deliveries);
if (options.json) writeJson(options.json, options, results);
if (!options.quick && results.size === SCENARIOS.length) await writeDocs(results, rows);
