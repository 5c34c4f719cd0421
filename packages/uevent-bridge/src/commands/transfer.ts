import { setTimeout as pause } from "node:timers/promises";

import type { Explanation } from "@uevent-bridge/relay";
import { Command } from "commander";

import { deviceOf } from "../command/device.js";
import { CommandError, STATUS } from "../command/error.js";
import { sentence } from "../command/failure.js";
import type { Io } from "../command/io.js";
import { parseSeconds } from "../command/numbers.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";
import { jsonLine } from "../text/json.js";

/** Milliseconds between two looks whether the other has it. */
const LOOK_MS = 20;
/** Milliseconds for all that is asked, and the grace time: a relay that is stopped never answers. */
const ANSWERS_MS = 15_000;

interface Options {
  readonly grace?: number;
  readonly json?: boolean;
}

interface HandOver {
  readonly device: string;
  readonly to: string;
  readonly graceMs: number;
}

/** `transfer`: hands a device that one container holds over to another. */
export const transfer: Define = (io, exit) =>
  new Command("transfer")
    .description("hand DEVICE, which a container that is attached holds alone, over to another one: never both have it")
    .argument("<DEVICE>", "a devpath, a path below /sys, a node or a link to one")
    .argument("<TO>", "the container that is to hold it")
    .option("--grace <seconds>", "how long nobody has it in between, if not 0", parseSeconds)
    .option("--json", "one object")
    .action(async (given: string, to: string, { grace: graceMs = 0, json = false }: Options) => {
      const device = await deviceOf(given, io);
      const signal = AbortSignal.any([io.signal, AbortSignal.timeout(graceMs + ANSWERS_MS)]);
      const handed = await handOver({ device, to, graceMs }, io, signal);
      if (json) await io.stdout.write(jsonLine({ type: "transferred", ...handed, to }));
      else await io.stderr.write(describe(handed, given, to));
      exit(STATUS.done);
    });

async function handOver(
  { device, to, graceMs }: HandOver,
  io: Io,
  signal: AbortSignal,
): Promise<{ devpath: string; from: string }> {
  const explained = async (): Promise<Explanation> =>
    (await askAttached(to, { type: "explain", device }, io, signal)).explanation;
  const before = await explained();
  const from = holderOf(before, to);
  if (from !== to) await askAttached(from, { type: "transfer", device: before.devpath, to, graceMs }, io, signal);
  for (let now = await explained(); !(now.holder === to && now.reason === "allowed"); now = await explained()) {
    if (now.reason === "denied" || now.reason === "absent") throw notSeen(now, to);
    await pause(LOOK_MS, undefined, { signal }).catch(() => Promise.reject(notSeen(now, to)));
  }
  return { devpath: before.devpath, from };
}

/** The one that is to have it is attached, and may see it, before the other lets go. */
function holderOf({ devpath, holder, reason, rule = "" }: Explanation, to: string): string {
  if (reason === "absent") throw new CommandError(STATUS.world, `there is no device ${devpath}`, "Plug it in.");
  if (reason === "denied")
    throw new CommandError(STATUS.world, `${to} may not see ${devpath}: ${rule}`, "Take back what denies it.");
  if (holder !== undefined) return holder;
  const remedy = "To give it to one container alone: uevent-bridge grant NAME DEVICE --exclusive";
  throw new CommandError(STATUS.world, `nobody holds ${devpath}, so nobody can hand it over`, remedy);
}

function describe({ devpath, from }: { devpath: string; from: string }, given: string, to: string): string {
  if (from === to) return `uevent-bridge: ${to} held ${devpath} already\n`;
  return sentence(`${to} holds ${devpath}`, `To hand it back: uevent-bridge transfer ${given} ${from}`);
}

function notSeen({ devpath, holder }: Explanation, to: string): CommandError {
  const now = holder === undefined ? "nobody holds it" : `${holder} holds it`;
  const remedy = `What is in the way: uevent-bridge explain ${to} ${devpath}`;
  return new CommandError(STATUS.world, `${to} does not see ${devpath}, which it was to have; ${now}`, remedy);
}
