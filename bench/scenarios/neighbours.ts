import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { native } from "../harness/commands.js";
import { layCourse } from "../harness/course.js";
import type { Course } from "../harness/course.js";
import { Lane } from "../harness/lane.js";
import { Paced } from "../harness/paced.js";
import { assertCount, atMost } from "../harness/result.js";
import type { Result, Scenario, Settings } from "../harness/result.js";
import type { Costs } from "../harness/rounds.js";
import { Worker } from "../harness/worker.js";

const CONTAINERS = 20;
const OTHERS = CONTAINERS - 2; // one never reads, one is hostile
const RATE = 1000; // events in a second
const QUEUE = 10; // Linux's default
const BURST = 8; // events
const P99 = 0.99;
const SLOWEST_NS = 20e6; // on a busy machine
const BOUND = 1.5;
/** MiB: `limits.waitingBytes` of one listener, as small datagrams take them (docs/limits.md). */
const HELD_MIB = 7;
const MIB = 2 ** 20; // bytes

/** What a container that is frozen and a listener that is hostile cost the others. */
export const neighbours: Scenario = { name: "neighbours", run };

async function run(settings: Settings): Promise<Result> {
  const { quick } = settings;
  const course = layCourse(settings, CONTAINERS, CONTAINERS);
  await using calm = await Street.open(course, false);
  await using troubled = await Street.open(course, true);
  for (const { paced } of [calm, troubled]) await paced.warmUp(quick ? 10 : 1500, BURST);
  for (let round = 0; round < (quick ? 2 : 21); round++)
    for (const { paced } of round % 2 === 0 ? [calm, troubled] : [troubled, calm])
      await paced.round(quick ? 200 : RATE);
  await troubled.assertTrouble();
  const [undisturbed, disturbed] = [calm, troubled].map(({ paced }) => paced.costs(P99)) as [Costs, Costs];
  const work = `latency to ${OTHERS} of ${CONTAINERS} containers at ${RATE} events/s, p99`;
  const held = (await troubled.paced.lane.held()) - (await calm.paced.lane.held());
  const checks = [
    atMost("× undisturbed", disturbed.clock.median / undisturbed.clock.median, BOUND),
    atMost("MiB that the relay holds more", held / MIB, HELD_MIB),
  ];
  return {
    rows: [
      { work, by: "clock", ours: undisturbed, checks: [] },
      {
        work: "the same beside one that is frozen and one that is hostile",
        by: "clock",
        ours: disturbed,
        checks,
      },
    ],
  };
}

/**
 * A relay with its containers. Somebody has a socket that he does not read, and somebody binds sockets and unlinks them, either way: what
 * that costs the machine is no matter of the relay.
 */
class Street implements AsyncDisposable {
  readonly paced: Paced;
  readonly #frozen: Worker;
  readonly #hostile: Worker;

  static async open(course: Course, isTroubled: boolean): Promise<Street> {
    const lane = await Lane.open({ course, kind: "ours", queue: QUEUE, receivers: OTHERS, timed: true });
    const nobody = join(lane.directory, "nobody");
    mkdirSync(nobody);
    const box = (number: number): string => (isTroubled ? join(lane.directory, `box${number}`) : nobody);
    const frozen = native("receiver", lane.arena.pid, QUEUE, join(box(OTHERS), "frozen.sock"));
    const hostile = native("restless", box(OTHERS + 1));
    const paced = await Paced.start(lane, native("inject", lane.arena.pid, course.changes, 1, RATE));
    return new Street(paced, await Worker.start(frozen), await Worker.start(hostile));
  }

  private constructor(paced: Paced, frozen: Worker, hostile: Worker) {
    this.paced = paced;
    this.#frozen = frozen;
    this.#hostile = hostile;
  }

  /** The one was told as much as its socket holds, and the other was there all the time. @throws Error they were not */
  async assertTrouble(): Promise<void> {
    assertCount("datagrams that the frozen one has not read", (await this.#frozen.ask(QUEUE + 1)).count, QUEUE + 1);
    const { count, start, end } = await this.#hostile.ask(0);
    const each = (end.clock - start.clock) / count;
    if (!(each < SLOWEST_NS)) throw new Error(`the hostile one bound a socket each ${each} ns`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of [this.#frozen, this.#hostile, this.paced]) await each[Symbol.asyncDispose]();
  }
}
