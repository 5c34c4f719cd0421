import { join } from "node:path";

import { Arena, asFitsQueue } from "../harness/arena.js";
import { recordedDevices } from "../harness/corpus.js";
import { writeDatagrams } from "../harness/datagrams.js";
import { assertCount, atLeast, ratio } from "../harness/result.js";
import type { Result, Scenario, Settings } from "../harness/result.js";
import { race } from "../harness/rounds.js";
import type { Contestant } from "../harness/rounds.js";
import { native, node } from "../harness/commands.js";
import { Worker, costOf } from "../harness/worker.js";

const EVENTS = 16_384;

/** From a netlink socket's queue into the program. */
export const drain: Scenario = { name: "drain", run };

async function run({ quick, directory }: Settings): Promise<Result> {
  const file = join(directory, "drain.bin");
  writeDatagrams(file, recordedDevices(32).change);
  const events = asFitsQueue(EVENTS);
  await using here = await Arena.open(file);
  await using there = await Arena.open(file);
  await using ours = await Worker.start(node("drain", here.pid));
  await using c = await Worker.start(native("drain", there.pid));
  const contestants = [draining(here, ours, events), draining(there, c, events)] as const;
  const [mine, theirs] = await race(contestants, { rounds: quick ? 5 : 101, warmUp: quick ? 2 : 20 });
  const checks = [atLeast("of C", ratio(theirs, mine, "cpu"), 0.9)];
  return { rows: [{ work: "drain netlink into JavaScript", by: "cpu", ours: mine, c: theirs, checks }] };
}

/** A listener of a namespace of its own, so that each event is queued for it alone. */
function draining(arena: Arena, listener: Worker, events: number): Contestant {
  return {
    round: async () => {
      await arena.fill(events);
      const answer = await listener.ask(events);
      assertCount("events drained", answer.count, events);
      if (answer.sum < events * 100) throw new Error(`${answer.sum} bytes of ${events} events`);
      return costOf(answer);
    },
  };
}
