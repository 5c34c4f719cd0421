import { setTimeout as pause } from "node:timers/promises";

import type { Explanation } from "@uevent-bridge/relay";
import { Command } from "commander";

import { deviceOf } from "../command/device.js";
import { CommandError, STATUS } from "../command/error.js";
import { sentence } from "../command/failure.js";
import type { Io } from "../command/io.js";
import { parseSeconds } from "../command/numbers.js";
import type { Define } from "../command/run.js";
import { TimeLimit } from "../command/time-limit.js";
import { byHand, isRevoked, whyOf } from "../command/why.js";
import { askAttached } from "../control/ask-attached.js";
import { isUnserved } from "../control/client.js";
import { jsonLine } from "../text/json.js";

/** Milliseconds between two looks whether the other has it. */
const LOOK_MS = 20;
/** Milliseconds within which the other has it, once its holder has let go. */
const ANSWERS_MS = 15_000;

interface Options {
  readonly grace?: number;
  readonly json?: boolean;
}

interface HandOver {
  readonly devpath: string;
  readonly from: string;
  readonly to: string;
}

/** `transfer`: hands a device that one container holds over to another. */
export const transfer: Define = (io, exit) =>
  new Command("transfer")
    .description("hand DEVICE, which a container that is attached holds alone, over to another one: never both have it")
    .argument("<DEVICE>", "a devpath, a path below /sys, a node or a link to one")
    .argument("<TO>", "the container that is to hold it")
    .option("--grace <seconds>", "how long nobody has it in between, if not 0; Ctrl-C takes it back", parseSeconds)
    .option("--json", "one object")
    .action(async (given: string, to: string, { grace: graceMs = 0, json = false }: Options) => {
      const before = await explained(await deviceOf(given, io), to, io);
      const handing = { devpath: before.devpath, from: holderOf(before, to), to };
      try {
        await handOver(handing, graceMs, io).catch((error: unknown) => {
          throw isUnserved(error) ? unserved(before, error) : error;
        });
      } catch (error) {
        if (!io.signal.aborted) throw error;
        await io.stderr.write(await describeInterrupted(handing, io));
        return exit(STATUS.interrupted);
      }
      if (json) await io.stdout.write(jsonLine({ type: "transferred", ...handing }));
      else await io.stderr.write(describe(handing, given));
      exit(STATUS.done);
    });

async function handOver({ devpath, from, to }: HandOver, graceMs: number, io: Io): Promise<void> {
  if (from !== to) await askAttached(from, { type: "transfer", device: devpath, to, graceMs }, io);
  await explainedOnce(({ holder, reason }) => holder === to && reason === "allowed", devpath, to, io, io.signal);
}

/** Asks until that is so. @throws CommandError it will not be, or the time is up */
async function explainedOnce(
  isSo: (now: Explanation) => boolean,
  devpath: string,
  to: string,
  io: Io,
  signal: AbortSignal,
): Promise<Explanation> {
  using limit = new TimeLimit(signal, ANSWERS_MS);
  for (;;) {
    const now = await explained(devpath, to, io, signal);
    if (isSo(now)) return now;
    if ((now.reason === "denied" && !isRevoked(now)) || now.reason === "absent") throw notSeen(now, to);
    await pause(LOOK_MS, undefined, { signal: limit.signal }).catch(() => Promise.reject(notSeen(now, to)));
  }
}

async function explained(device: string, name: string, io: Io, signal = io.signal): Promise<Explanation> {
  return (await askAttached(name, { type: "explain", device }, io, signal)).explanation;
}

/** The relay takes it back when it sees that nobody waits any more, unless the other has it by then. */
async function describeInterrupted({ devpath, from, to }: HandOver, io: Io): Promise<string> {
  const { signal } = new AbortController();
  const isHeld = ({ holder }: Explanation): boolean => holder !== undefined;
  const now = await explainedOnce(isHeld, devpath, to, io, signal).catch(() => undefined);
  if (now?.holder === from) return sentence(`interrupted: ${from} holds ${devpath} as before`, "It was taken back");
  const who = now ? `${now.holder} holds ${devpath}` : `who holds ${devpath} is not known`;
  return sentence(`interrupted, too late: ${who}`, `To see it: uevent-bridge explain ${to} ${devpath}`);
}

/** The one that is to have it is attached, and may see it, before the other lets go. */
function holderOf(before: Explanation, to: string): string {
  const { devpath, holder, reason, rule = "" } = before;
  if (reason === "absent") throw new CommandError(STATUS.world, `there is no device ${devpath}`, "Plug it in.");
  if (reason === "denied" && !isRevoked(before))
    throw new CommandError(STATUS.world, `${to} may not see ${devpath}: ${rule}`, whyOf(before, to).remedy);
  if (holder !== undefined) return holder;
  const remedy = "To give it to one container alone: uevent-bridge grant NAME DEVICE --exclusive";
  throw new CommandError(STATUS.world, `nobody holds ${devpath}, so nobody can hand it over`, remedy);
}

function describe({ devpath, from, to }: HandOver, given: string): string {
  if (from === to) return `uevent-bridge: ${to} held ${devpath} already\n`;
  return sentence(`${to} holds ${devpath}`, `To hand it back: uevent-bridge transfer ${given} ${from}`);
}

/** Its holder, that is. */
function unserved(before: Explanation, cause: unknown): CommandError {
  const message = `no relay serves ${before.holder}, which holds ${before.devpath}, for this user`;
  const again = `Attach ${before.holder} again, and hand it over then.`;
  return new CommandError(STATUS.world, message, `${again} ${byHand(before)}`.trimEnd(), { cause });
}

function notSeen({ devpath, holder }: Explanation, to: string): CommandError {
  const now = holder === undefined ? "nobody holds it" : `${holder} holds it`;
  const remedy = `What is in the way: uevent-bridge explain ${to} ${devpath}`;
  return new CommandError(STATUS.world, `${to} does not see ${devpath}, which it was to have; ${now}`, remedy);
}
