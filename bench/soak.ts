// npm run soak [-- --events N] [--minutes M] [--leak memory|fd]: real events through one relay, while disks, containers and listeners come
// and go; whether what it holds stays the same. It writes docs/reliability.md, unless something is leaked on purpose or it is ended early.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { addLoop } from "@uevent-bridge/linux/testing";

import { native } from "./harness/commands.js";
import { inTree } from "./harness/places.js";
import { Worker } from "./harness/worker.js";
import { plotSoak } from "./report/plots.js";
import { findingsOf, findingsTable, isFlat } from "./soak/findings.js";
import { Population } from "./soak/population.js";
import { SoakRelay } from "./soak/relay.js";
import type { Sample } from "./soak/sample.js";

const STORMS = 2;
const DISKS_EACH = 10;
const [LOWEST, HIGHEST] = [10_000, 100_000]; // numbers of loop devices, as tests take them
/** Events between two changes of the tree, on average. */
const EVERY = 1000;
/** Of all storms together: the relay's buffer holds them. */
const BLOCK = 50_000;
const SETTLE_MS = 300; // until the relay has noticed who has come and gone

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000000" },
    minutes: { type: "string" },
    leak: { type: "string", default: "none" },
  },
});
const [events, minutes] = [Number(values.events), Number(values.minutes ?? Infinity)];
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

function plugLoops(): readonly number[] {
  const numbers = new Set<number>();
  while (numbers.size < DISKS_EACH) {
    const number = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    try {
      addLoop(number);
      numbers.add(number);
    } catch {
      // somebody has it
    }
  }
  return [...numbers];
}

function say({ events, overruns, rss, heap, descriptors, handles }: Sample, since: number): void {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const rate = Math.round(events / ((performance.now() - since) / 1000));
  const line = `${events} events (${rate}/s), ${overruns} overruns: ${mib(rss)}, of it JavaScript's ${mib(heap)}, ${descriptors} descriptors, ${handles} handles`;
  process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
}

async function soak(directory: string): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const own = Array.from({ length: STORMS }, plugLoops);
  const storms = await Promise.all(
    own.map((numbers, i) => Worker.start(native("storm", Date.now() + i, EVERY, ...numbers))),
  );
  const relay = await SoakRelay.start(directory, values.leak);
  const population = new Population(
    relay,
    own.flat().map((number) => `/devices/virtual/block/loop${number}`),
  );
  await population.fill();
  const since = performance.now();
  const isOver = () => stop.signal.aborted || performance.now() - since > minutes * 60_000;
  for (let turn = 0; (samples.at(-1)?.events ?? 0) < events && !isOver(); turn++) {
    await Promise.all(storms.map((storm) => storm.ask(BLOCK / STORMS)));
    await relay.ask({ what: "settle" });
    await population.change(turn);
    await sleep(SETTLE_MS);
    const sample = await relay.sample();
    samples.push(sample);
    say(sample, since);
  }
  await population[Symbol.asyncDispose]();
  await relay.end();
  for (const storm of storms) await storm[Symbol.asyncDispose]();
  process.stderr.write(process.stderr.isTTY ? "\n" : "");
  return samples;
}

async function write(samples: readonly Sample[], text: string): Promise<void> {
  writeFileSync(inTree("docs/reliability-soak.svg"), plotSoak(samples));
  const { writeSection } = (await import(inTree("scripts/reliability.mjs"))) as {
    writeSection: (name: string, text: string) => Promise<void>;
  };
  await writeSection(
    "soak",
    `${text}\n\n![What the relay holds against the events it has heard](reliability-soak.svg)`,
  );
}

const directory = mkdtempSync(join(tmpdir(), "uevent-bridge-soak-"));
const samples = await soak(directory);
rmSync(directory, { recursive: true, force: true });
const findings = findingsOf(samples);
const { events: heard = 0, overruns = 0 } = samples.at(-1) ?? {};
const text = `${heard.toLocaleString("en").replaceAll(",", " ")} events heard, ${overruns} overruns, ${samples.length} samples.\n\n${findingsTable(findings)}`;
console.log(text);
if (findings.length === 0 || !findings.every(isFlat)) process.exitCode = 1;
if (values.leak === "none" && !stop.signal.aborted && findings.length > 0) await write(samples, text);
process.exit();
