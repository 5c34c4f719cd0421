import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { Gap } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test, vi } from "vitest";

import { writeFigures } from "../../scripts/reliability.mjs";
import { needs } from "../needs.js";
import { Links } from "./churn/links.js";
import { until } from "./listener.js";
import { Stack } from "./stack.js";
import { Audience, smallestBuffer } from "./storm/audience.js";
import { spread } from "./spread.js";
import { Storm } from "./storm/storm.js";
import { temporaryDirectory } from "./temporary.js";

const RUNS = Number(process.env["OVERRUN_RUNS"] ?? 2);
const EVENTS = process.env["OVERRUN_RUNS"] ? 200_000 : 20_000;
const SEED = Number(process.env["OVERRUN_SEED"] ?? Date.now() % 1e6);
const WRITERS = 2;
const DISKS_EACH = 8;
const PATIENCE_S = 20;
const REST_MS = 300;
const PAUSE_MS = 5;
/** More than the relay's buffer in the container holds. */
const NET_EVENTS = 8;
/** So few that a listener that does not read has a gap. */
const LIMITS = { waitingBytes: 65_536 };
vi.setConfig({ testTimeout: 60_000 + RUNS * 60_000 });

/** What happened in a run. */
interface Run {
  readonly changes: number;
  readonly overruns: number;
  readonly heard: number;
  /** Until all views were right after the last event. */
  readonly ms: number;
}

const needed = needs("root", "loop devices", "a compiler");

describe(`${EVENTS} events as fast as the kernel says them, through the smallest buffer`, needed, () => {
  test(`at rest five containers know exactly what there is, by possible histories: ${RUNS} times (seed ${SEED})`, async () => {
    using place = temporaryDirectory();
    const program = Storm.compile(place.path);
    const runs: Run[] = [];
    for (let i = 0; i < RUNS; i++) runs.push(await run(program, SEED + i * WRITERS));
    await writeFigures("overruns", figures(runs));
  });
});

async function run(program: string, seed: number): Promise<Run> {
  await using stack = new Stack();
  const runtimeDir = stack.use(temporaryDirectory()).path;
  const storm = stack.use(await Storm.start(program, WRITERS, DISKS_EACH, seed));
  const relay = stack.use(await openRelay({ kernel: smallestBuffer(), runtimeDir, limits: LIMITS }));
  const gaps: Gap[] = [];
  relay.on("gap", (gap) => void gaps.push(gap));
  const audience = await Audience.open(stack, relay, storm.numbers);
  const links = stack.use(new Links(audience.pid));
  await until(() => audience.differences().length === 0, "all have their coldplug", PATIENCE_S);

  const blowing = storm.blow(EVENTS);
  await meanwhile(blowing, audience, links);
  const changes = await blowing;
  await links.end();
  audience.wake();
  const since = performance.now();
  await until(() => audience.differences().length === 0, "all know it", PATIENCE_S).catch(() => {}); // the comparison below says more
  const ms = performance.now() - since;
  await sleep(REST_MS); // and nothing is said any more
  expect(audience.differences()).toEqual([]);
  expect(audience.faults()).toEqual([]);
  expect(gaps.length).toBeGreaterThan(0);
  return { changes, overruns: gaps.length, heard: audience.heard, ms };
}

/** Network devices come, go and are renamed, and each listener stops reading for a while, until the storm is over. */
async function meanwhile(blowing: Promise<unknown>, audience: Audience, links: Links): Promise<void> {
  let isOver = false;
  void blowing.finally(() => (isOver = true));
  for (let i = 0; !isOver; i++) {
    if (i % 3 === 0) links.plugOrUnplug(i);
    else links.rename(i);
    for (let said = 0; said < NET_EVENTS; said++)
      change(`/proc/${audience.pid}/root/sys/devices/virtual/net/lo/uevent`);
    audience.doze(i);
    await sleep(PAUSE_MS);
  }
}

function change(file: string): void {
  writeFileSync(file, "change");
}

function figures(runs: readonly Run[]): string {
  const table = spread("of each run", [
    ["overruns of the relay's buffer", runs.map(({ overruns }) => overruns)],
    ["times that a disk, a partition or another one under its path came or went", runs.map(({ changes }) => changes)],
    ["datagrams that the five listeners were told", runs.map(({ heard }) => heard)],
    ["ms until all knew what there is, once the kernel was silent", runs.map(({ ms }) => ms)],
  ]);
  return `In ${runs.length} of ${runs.length} runs of ${EVENTS} events all views were right, and all histories possible.\n\n${table}`;
}
