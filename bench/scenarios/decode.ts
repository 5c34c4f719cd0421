import { join } from "node:path";

import { recordedDatagrams } from "../harness/corpus.js";
import { writeDatagrams } from "../harness/datagrams.js";
import { assertCount, atLeast, atMost, ratio } from "../harness/result.js";
import type { Result, Scenario, Settings } from "../harness/result.js";
import { race } from "../harness/rounds.js";
import type { Contestant } from "../harness/rounds.js";
import { native, node } from "../harness/commands.js";
import { Worker, costOf } from "../harness/worker.js";

const DATAGRAMS = 64;
const PASSES = 512; // some 5 ms of work: the clock of processor time counts in µs

/** From the bytes of a datagram to what routing needs. */
export const decode: Scenario = { name: "decode", run };

async function run({ quick, directory }: Settings): Promise<Result> {
  const file = join(directory, "decode.bin");
  writeDatagrams(file, recordedDatagrams(DATAGRAMS));
  await using ours = await Worker.start(node("decode", file));
  await using c = await Worker.start(native("decode", file));
  await using eager = await Worker.start(node("decode-eagerly", file));
  const expected = (await c.ask(PASSES)).sum;
  const contestants = [decoding(ours, expected), decoding(c, expected), decoding(eager, expected)] as const;
  const [mine, inC, naive] = await race(contestants, {
    rounds: quick ? 5 : 201,
    warmUp: quick ? 5 : 30,
    reference: 2, // the naive one: the loop in C is too small to notice a neighbour in the caches
  });
  const checks = [atMost("ns", mine.cpu.median, 130), atLeast("× an eager object", ratio(naive, mine, "cpu"), 5)];
  return { rows: [{ work: "decode ACTION, DEVPATH, SUBSYSTEM", by: "cpu", ours: mine, c: inC, naive, checks }] };
}

function decoding(worker: Worker, expected: number): Contestant {
  return {
    round: async () => {
      const answer = await worker.ask(PASSES);
      assertCount("datagrams decoded", answer.count, PASSES * DATAGRAMS);
      assertCount("letters found", answer.sum, expected);
      return costOf(answer);
    },
  };
}
