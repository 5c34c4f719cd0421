import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { canHoldDevices, makeCgroup } from "../harness/cgroup.js";
import { native, node } from "../harness/commands.js";
import { openNamespace } from "../harness/namespace.js";
import type { Namespace } from "../harness/namespace.js";
import { assertCount, atMost } from "../harness/result.js";
import type { Result, Row, Scenario, Settings } from "../harness/result.js";
import { race } from "../harness/rounds.js";
import type { Contestant } from "../harness/rounds.js";
import { startRunc } from "../harness/runc.js";
import type { RuncBox } from "../harness/runc.js";
import { quantile, summarize } from "../harness/statistics.js";
import { Worker, costOf } from "../harness/worker.js";

const DEVPATH = "/devices/virtual/mem/kmsg"; // of every Linux, with a node, and nothing below
const PAIRS = 256;
const QUEUE = 1024; // datagrams: no receiver is waited for
const NOTICED_MS = 100; // in which a relay notices it, on a quiet machine
const ATTEMPTS = 5;
const BY_RUNC = 2;
const REMOVALS = 1000;
const LOOPS_FROM = 900; // numbers of loop devices that nobody takes

/** What a container may touch: how long it takes to give it a device and to take it away again. */
export const touch: Scenario = { name: "touch", run };

async function run(settings: Settings): Promise<Result> {
  if (!canHoldDevices()) return { rows: [] };
  return { rows: [...(await grantAndRevoke(settings)), ...(await revocation(settings))] };
}

async function grantAndRevoke({ quick, directory }: Settings): Promise<readonly Row[]> {
  const [own, other] = ["ours", "c"].map((name) => join(directory, name)) as [string, string];
  for (const each of [own, other]) mkdirSync(each);
  using cgroup = makeCgroup();
  using runc = startRunc(directory);
  await using namespace = await openNamespace();
  await using ours = await Worker.start(node("touch", own, cgroup.path, DEVPATH));
  await using heard = await receiver(namespace, join(own, "box", "bench.sock"));
  await using heardOfC = await receiver(namespace, join(directory, "c.sock"));
  await using c = await Worker.start(native("touch", other, join(directory, "c.sock")));
  await acquaint(ours, heard);
  const pairs = quick ? 16 : PAIRS;
  const contestants = [touching(ours, heard, pairs), touching(c, heardOfC, pairs)] as const;
  const rounds = quick ? 5 : 51;
  const [mine, theirs] = await race(contestants, { rounds, warmUp: rounds });
  const row = { by: "cpu", ours: mine, c: theirs, checks: [] } as const;
  const [update, mknod] = runc ? await naive(runc, quick) : [];
  return [
    { ...row, work: "grant a device and revoke it, beside `runc update` for each", ...(update && { naive: update }) },
    ...(mknod ? [{ ...row, work: "the same, beside `runc exec` of `mknod` and of `rm`", naive: mknod }] : []),
  ];
}

function receiver({ pid }: Namespace, path: string): Promise<Worker> {
  return Worker.start(native("receiver", pid, QUEUE, path));
}

/** Returns when the relay has noticed who listens. */
async function acquaint(toucher: Worker, hearer: Worker): Promise<void> {
  for (let i = 0; i < ATTEMPTS; i++) {
    await sleep(NOTICED_MS);
    const hearing = hearer.ask(2);
    await toucher.ask(1);
    if ((await hearing).count === 2) return;
  }
}

function touching(toucher: Worker, hearer: Worker, pairs: number): Contestant {
  return {
    round: async () => {
      const hearing = hearer.ask(2 * pairs);
      const answer = await toucher.ask(pairs);
      assertCount("devices granted and revoked", answer.count, pairs);
      assertCount("events heard", (await hearing).count, 2 * pairs);
      return costOf(answer);
    },
  };
}

/** Twice `runc update`, which sets limits and takes no devices, and a node that is made and removed inside. */
async function naive(runc: RuncBox, quick: boolean) {
  const update = runc.command("update", ["--pids-limit", "100"]);
  const inside = (...command: readonly string[]): readonly string[] => runc.command("exec", [], command);
  await using updates = await Worker.start(native("run_each", ...update, "--", ...update));
  await using nodes = await Worker.start(
    native("run_each", ...inside("mknod", "/dev/kmsg", "c", "1", "11"), "--", ...inside("rm", "/dev/kmsg")),
  );
  const of = (worker: Worker): Contestant => ({ round: async () => costOf(await worker.ask(quick ? 1 : BY_RUNC)) });
  return await race([of(updates), of(nodes)], { rounds: quick ? 1 : 15, warmUp: quick ? 0 : 2 });
}

/** From reading that a device has gone until nobody may open it. */
async function revocation({ quick, directory }: Settings): Promise<readonly Row[]> {
  if (!existsSync("/dev/loop-control")) return [];
  const own = join(directory, "revoke");
  mkdirSync(own);
  const number = freeLoop();
  using cgroup = makeCgroup();
  await using relay = await Worker.start(node("revoke", own, cgroup.path, `/devices/virtual/block/loop${number}`));
  await using loops = await Worker.start(native("loops", number));
  const removals = quick ? 20 : REMOVALS;
  const remove = () => Promise.all([relay.ask(removals), loops.ask(removals)]);
  await remove(); // of a relay that has run for a while
  const [{ times }] = await remove();
  assertCount("removals", times.length, removals);
  return [0.5, 0.99].map((share) => {
    const ns = quantile(times, share);
    const ours = { cpu: summarize([ns]), clock: summarize([ns]) };
    const work = `from reading \`remove\` until the right is gone, p${share * 100}`;
    return { work, by: "clock", ours, checks: share > 0.9 ? [atMost("µs", ns / 1000, 1000)] : [] };
  });
}

function freeLoop(): number {
  let number = LOOPS_FROM;
  while (existsSync(`/sys/block/loop${number}`)) number++;
  return number;
}
