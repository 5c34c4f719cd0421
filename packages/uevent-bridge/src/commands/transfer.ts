import { setTimeout as pause } from "node:timers/promises";

import { Command } from "commander";

import { deviceOf } from "../command/device.js";
import { CommandError, STATUS } from "../command/error.js";
import { sentence } from "../command/failure.js";
import type { Io } from "../command/io.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";

/** Milliseconds between two looks whether the other has it, and for all of them. */
const LOOK_MS = 20;
const LOOKS_MS = 10_000;

/** `transfer`: hands a device that one container holds over to another. */
export const transfer: Define = (io, exit) =>
  new Command("transfer")
    .description("hand DEVICE, which a container that is attached holds alone, over to another one: never both have it")
    .argument("<DEVICE>", "a devpath, a path below /sys, a node or a link to one")
    .argument("<TO>", "the container that is to hold it")
    .action(async (given: string, to: string) => {
      const device = await deviceOf(given, io);
      const from = await holderOf(device, to, io);
      if (from !== to) await askAttached(from, { type: "transfer", device, to, graceMs: 0 }, io);
      await arrived(device, to, io);
      await io.stderr.write(
        sentence(`${to} holds ${device}`, `To hand it back: uevent-bridge transfer ${given} ${from}`),
      );
      exit(STATUS.done);
    });

/** The one that is to have it is attached, and may see it, before the other lets go. */
async function holderOf(device: string, to: string, io: Io): Promise<string> {
  const { explanation } = await askAttached(to, { type: "explain", device }, io);
  const { holder, reason, rule = "" } = explanation;
  if (reason === "absent") throw new CommandError(STATUS.world, `there is no device ${device}`, "Plug it in.");
  if (reason === "denied")
    throw new CommandError(STATUS.world, `${to} may not see ${device}: ${rule}`, "Take back what denies it.");
  if (holder !== undefined) return holder;
  const remedy = "To give it to one container alone: uevent-bridge grant NAME DEVICE --exclusive";
  throw new CommandError(STATUS.world, `nobody holds ${device}, so nobody can hand it over`, remedy);
}

async function arrived(device: string, to: string, io: Io): Promise<void> {
  for (let waited = 0; waited < LOOKS_MS; waited += LOOK_MS) {
    const { explanation } = await askAttached(to, { type: "explain", device }, io);
    if (explanation.holder === to && explanation.reason === "allowed") return;
    await pause(LOOK_MS, undefined, { signal: io.signal });
  }
  const remedy = `What is in the way: uevent-bridge explain ${to} ${device}`;
  throw new CommandError(STATUS.world, `${to} has been given ${device}, and does not see it`, remedy);
}
