import { setTimeout as sleep } from "node:timers/promises";

import { layCourse } from "../harness/course.js";
import type { Course } from "../harness/course.js";
import { Lane } from "../harness/lane.js";
import { atMost } from "../harness/result.js";
import type { Point, Result, Row, Scenario, Settings } from "../harness/result.js";
import { quantile, quietRounds, summarize } from "../harness/statistics.js";
import { native, pinned } from "../harness/commands.js";
import { Worker } from "../harness/worker.js";

const RATE = 1000; // events in a second
const QUEUE = 10; // Linux's default
const BURST = 64; // events
const SETTLE_MS = 20; // until all wait for the first event
const CURVE = 200; // points

/** From before the kernel is given an event to after a listener has read it. */
export const latency: Scenario = { name: "latency", run };

async function run(settings: Settings): Promise<Result> {
  const course = layCourse(settings);
  const together = await measure(settings, course, "one");
  const free = await measure(settings, course, undefined);
  const work = `latency to a listener at ${RATE} events/s`;
  return {
    rows: [
      together.row(`${work}, p50`, 0.5, 40),
      together.row(`${work}, p99`, 0.99, 500),
      free.row("the same on any processor, p50", 0.5),
      free.row("the same on any processor, p99", 0.99),
    ],
    points: together.points,
  };
}

async function measure({ quick }: Settings, course: Course, processors: "one" | undefined) {
  await using ours = await Run.open("ours", course, processors);
  await using c = await Run.open("c", course, processors);
  for (const each of [ours, c]) await each.warmUp(quick ? 10 : 1500);
  for (let round = 0; round < (quick ? 2 : 21); round++) {
    for (const each of round % 2 === 0 ? [ours, c] : [c, ours]) await each.second(quick ? 200 : RATE);
  }
  const counts = quietRounds(c.medians());
  return {
    points: [...ours.curve("uevent-bridge", counts), ...c.curve("C", counts)],
    row: (work: string, share: number, bound?: number): Row => {
      const costs = ours.costs(share, counts);
      const checks = bound === undefined ? [] : [atMost("µs", costs.clock.median / 1000, bound)];
      return { work, by: "clock", ours: costs, c: c.costs(share, counts), checks };
    },
  };
}

/** A relay, and what was measured of it: each round its own. */
class Run implements AsyncDisposable {
  readonly #lane: Lane;
  readonly #injector: Worker;
  readonly #rounds: { readonly latencies: readonly number[]; readonly cpu: number }[] = [];

  static async open(kind: "ours" | "c", course: Course, processors: "one" | undefined): Promise<Run> {
    const lane = await Lane.open({ course, kind, queue: QUEUE, receivers: 1, timed: true, processors });
    const injector = native("inject", lane.arena.pid, course.changes, 1, RATE);
    return new Run(lane, await Worker.start(processors ? pinned("first", injector) : injector));
  }

  private constructor(lane: Lane, injector: Worker) {
    this.#lane = lane;
    this.#injector = injector;
  }

  /** As a relay is that has run for a while: its code compiled. */
  async warmUp(bursts: number): Promise<void> {
    for (let i = 0; i < bursts; i++) {
      await this.#lane.arena.fill(BURST);
      await this.#lane.relay(BURST);
    }
  }

  async second(events: number): Promise<void> {
    const relaying = this.#lane.relay(events);
    await sleep(SETTLE_MS);
    const said = await this.#injector.ask(events);
    const { relay, receivers } = await relaying;
    const latencies = receivers.flatMap(({ times }) => times.map((time, i) => time - (said.times[i] ?? NaN)));
    this.#rounds.push({ latencies, cpu: (relay.end.cpu - relay.start.cpu) / events });
  }

  medians(): number[] {
    return this.#rounds.map(({ latencies }) => quantile(latencies, 0.5));
  }

  costs(share: number, counts: ReadonlySet<number>): Row["ours"] {
    const rounds = this.#rounds.filter((_, round) => counts.has(round));
    return {
      cpu: summarize(rounds.map(({ cpu }) => cpu)),
      clock: summarize(rounds.map(({ latencies }) => quantile(latencies, share))),
    };
  }

  /** Which share of all datagrams took at most so many µs. */
  curve(series: string, counts: ReadonlySet<number>): Point[] {
    const rounds = this.#rounds.filter((_, round) => counts.has(round));
    const all = rounds.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
    return Array.from({ length: CURVE + 1 }, (_, i) => {
      const share = i / CURVE;
      return { series, x: (all[Math.round(share * (all.length - 1))] ?? NaN) / 1000, y: share };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#injector[Symbol.asyncDispose]();
    await this.#lane[Symbol.asyncDispose]();
  }
}
