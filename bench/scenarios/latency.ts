import { layCourse } from "../harness/course.js";
import type { Course } from "../harness/course.js";
import { Lane } from "../harness/lane.js";
import { Paced } from "../harness/paced.js";
import { atMost } from "../harness/result.js";
import type { Result, Row, Scenario, Settings } from "../harness/result.js";
import { quietRounds } from "../harness/statistics.js";
import { native, pinned } from "../harness/commands.js";

const RATE = 1000; // events in a second
const QUEUE = 10; // Linux's default
const BURST = 64; // events

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
  await using ours = await open("ours", course, processors);
  await using c = await open("c", course, processors);
  for (const each of [ours, c]) await each.warmUp(quick ? 10 : 1500, BURST);
  for (let round = 0; round < (quick ? 2 : 21); round++) {
    for (const each of round % 2 === 0 ? [ours, c] : [c, ours]) await each.round(quick ? 200 : RATE);
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

async function open(kind: "ours" | "c", course: Course, processors: "one" | undefined): Promise<Paced> {
  const lane = await Lane.open({ course, kind, queue: QUEUE, receivers: 1, timed: true, processors });
  const injector = native("inject", lane.arena.pid, course.changes, 1, RATE);
  return Paced.start(lane, processors ? pinned("first", injector) : injector);
}
