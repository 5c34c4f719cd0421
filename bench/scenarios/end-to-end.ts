import { asFitsQueue } from "../harness/arena.js";
import { layCourse } from "../harness/course.js";
import type { Course } from "../harness/course.js";
import { Lane } from "../harness/lane.js";
import { atLeast, ratio } from "../harness/result.js";
import type { Result, Row, Scenario, Settings } from "../harness/result.js";
import { race } from "../harness/rounds.js";
import type { Contestant, Plan } from "../harness/rounds.js";
import type { Answer } from "../harness/worker.js";

/** Finds room in the queues of listeners that read, so that the relay sets the pace. systemd sets such queues for its host. */
const BURST = { events: 1024, queue: 512 };
/** Does not: Linux's default queue, as a container's own network namespace has it. Fewer events than may wait for a listener. */
const FLOOD = { events: 2000, queue: 10 };
const NAIVE_EVENTS = 20; // of each round; it is slow

/** From netlink datagrams to unix datagrams received. */
export const endToEnd: Scenario = { name: "end-to-end", run };

async function run(settings: Settings): Promise<Result> {
  const { quick } = settings;
  const course = layCourse(settings);
  const burst = await raceBursts(course, quick ? { rounds: 5, warmUp: 2 } : { rounds: 201, warmUp: 200 });
  const flood = await raceFloods(course, quick ? { rounds: 3, warmUp: 1 } : { rounds: 21, warmUp: 10 });
  return { rows: [...burst, flood] };
}

async function raceBursts(course: Course, plan: Plan): Promise<Row[]> {
  const { events, queue } = BURST;
  await using ours = await Lane.open({ course, queue, processors: "two", kind: "ours" });
  await using c = await Lane.open({ course, queue, processors: "two", kind: "c" });
  await using naive = await Lane.open({ course, queue, processors: "two", kind: "naive" });
  const contestants = [relaying(ours, events), relaying(c, events), relaying(naive, NAIVE_EVENTS)] as const;
  const [mine, inC, naively] = await race(contestants, plan);
  const costs = { ours: mine, c: inC, naive: naively };
  const work = `end to end, ${course.containers} containers, 3 live receivers`;
  return [
    { work, by: "cpu", ...costs, checks: [atLeast("of C", ratio(inC, mine, "cpu"), 0.8)] },
    { work: "the same, until the last receiver has the last datagram", by: "clock", ...costs, checks: [] },
  ];
}

async function raceFloods(course: Course, plan: Plan): Promise<Row> {
  const { events, queue } = FLOOD;
  await using ours = await Lane.open({ course, queue, processors: "two", kind: "ours" });
  await using c = await Lane.open({ course, queue, processors: "two", kind: "c" });
  const [mine, inC] = await race([relaying(ours, events), relaying(c, events)] as const, plan);
  return { work: `the same, ${events} events at once into queues of 11`, by: "cpu", ours: mine, c: inC, checks: [] };
}

function relaying(lane: Lane, wanted: number): Contestant {
  const events = asFitsQueue(wanted);
  return {
    round: async () => {
      await lane.arena.fill(events);
      const { relay, receivers } = await lane.relay(events);
      const cpu = await lane.cpu();
      return { cpu: (cpu - relay.start.cpu) / events, clock: (lastOf(receivers) - relay.start.clock) / events };
    },
  };
}

function lastOf(receivers: readonly Answer[]): number {
  return Math.max(...receivers.map(({ end }) => end.clock));
}
