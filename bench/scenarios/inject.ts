import { join } from "node:path";

import { recordedDevices } from "../harness/corpus.js";
import { writeDatagrams } from "../harness/datagrams.js";
import { openNamespace } from "../harness/namespace.js";
import { nativeProgram } from "../harness/places.js";
import { assertCount, atLeast, ratio } from "../harness/result.js";
import type { Result, Scenario, Settings } from "../harness/result.js";
import { race } from "../harness/rounds.js";
import type { Contestant } from "../harness/rounds.js";
import { native, node } from "../harness/commands.js";
import { Worker, costOf } from "../harness/worker.js";

const EVENTS = 128; // fit the default buffer of a listener
const EVENTS_BY_EXEC = 8;
const AT_ONCE = 64;

/** Into the uevent group of a container's network namespace, where one program listens. */
export const inject: Scenario = { name: "inject", run };

async function run({ quick, directory }: Settings): Promise<Result> {
  const file = join(directory, "inject.bin");
  writeDatagrams(file, recordedDevices(32).change);
  await using namespace = await openNamespace();
  const { pid } = namespace;
  await using reader = await Worker.start(native("drain", pid));
  await using one = await Worker.start(node("inject", pid, file, 1));
  await using oneInC = await Worker.start(native("inject", pid, file, 1));
  await using many = await Worker.start(node("inject", pid, file, AT_ONCE));
  await using manyInC = await Worker.start(native("inject", pid, file, AT_ONCE));
  await using byExec = await Worker.start(native("inject_by_exec", nativeProgram("inject_one"), pid, file));

  const of = (injector: Worker, events = EVENTS): Contestant => injecting(injector, reader, events);
  const contestants = [of(one), of(oneInC), of(many), of(manyInC), of(byExec, EVENTS_BY_EXEC)] as const;
  const [ours, c, batch, batchInC, naive] = await race(contestants, {
    rounds: quick ? 5 : 101,
    warmUp: quick ? 5 : 50,
  });
  const checks = [atLeast("× fork + exec", ratio(naive, ours, "cpu"), 400)];
  return {
    rows: [
      { work: "inject into a container's netlink, one event", by: "cpu", ours, c, naive, checks },
      { work: `the same, ${AT_ONCE} events at once`, by: "cpu", ours: batch, c: batchInC, naive, checks: [] },
    ],
  };
}

function injecting(injector: Worker, reader: Worker, events: number): Contestant {
  return {
    round: async () => {
      const answer = await injector.ask(events);
      assertCount("events injected", answer.count, events);
      assertCount("events heard", (await reader.ask(events)).count, events);
      return costOf(answer);
    },
  };
}
