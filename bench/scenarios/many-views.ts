import { execFileSync } from "node:child_process";

import { canHoldDevices, makeCgroup } from "../harness/cgroup.js";
import { node } from "../harness/commands.js";
import { assertCount } from "../harness/result.js";
import type { Amount, Result, Scenario, Settings } from "../harness/result.js";
import { three, time } from "../report/numbers.js";

const CONTAINERS = 1000;
const CONTAINERS_QUICK = 20;
const MS = 1e6; // ns
const KIBIBYTE = 1024; // bytes

/** What bench/workers/many-views.ts says, of all containers together, in bytes and ms. */
interface Seen {
  /** File systems that were mounted. */
  readonly containers: number;
  /** Entries in one of them. */
  readonly nodes: number;
  readonly rss: number;
  readonly maps: number;
  readonly slab: number;
  readonly attachMs: number;
  readonly closeMs: number;
  readonly left: { readonly mounts: number; readonly maps: number };
}

/** Many containers, each with a `/dev` of its own, rights of its own and ten devices. */
export const manyViews: Scenario = { name: "views", run: (settings) => Promise.resolve(run(settings)) };

function run({ quick, directory }: Settings): Result {
  if (!canHoldDevices()) return { rows: [] };
  using cgroup = makeCgroup();
  const wanted = quick ? CONTAINERS_QUICK : CONTAINERS;
  const [program, ...args] = node("many-views", directory, cgroup.path, wanted);
  const seen = JSON.parse(
    execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
  ) as Seen;
  assertCount("containers with a /dev", seen.containers, wanted);
  assertCount("mounts that are left", seen.left.mounts, 0);
  assertCount("bytes of maps that are left", seen.left.maps, 0);
  return { rows: [], amounts: amountsOf(seen, wanted) };
}

function amountsOf({ attachMs, closeMs, rss, maps, slab }: Seen, containers: number): readonly Amount[] {
  const timed = (what: string, ms: number): Amount => {
    return { what, each: time((ms * MS) / containers), all: time(ms * MS) };
  };
  const sized = (what: string, bytes: number): Amount => {
    return { what, each: `${three(bytes / containers / KIBIBYTE)} KiB`, all: `${three(bytes / KIBIBYTE ** 2)} MiB` };
  };
  return [
    timed("to attach", attachMs),
    timed("to detach, all at once", closeMs),
    sized("memory of the relay", rss),
    sized("maps of rights", maps),
    sized("the kernel's small objects, as the whole machine's grew", slab),
  ];
}
