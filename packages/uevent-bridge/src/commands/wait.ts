import { Command } from "commander";

import { CommandError, STATUS } from "../command/error.js";
import { parseSeconds } from "../command/numbers.js";
import { checkedRules } from "../command/rules.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";
import type { Seen } from "../control/protocol.js";

const DEFAULT_MS = 30_000;

interface Options {
  readonly removed?: boolean;
  readonly timeout?: number;
}

/** `wait`: until a container was told of a device. */
export const wait: Define = (io, exit) =>
  new Command("wait")
    .description("until a device that RULE picks is told to a container that is attached; 1 at the timeout")
    .argument("<NAME>", "the container")
    .argument("<RULE>", "the device")
    .option("--removed", "until none is")
    .option("--timeout <seconds>", `how long, if not ${DEFAULT_MS / 1000}`, parseSeconds)
    .action(async (name: string, rule: string, { removed = false, timeout = DEFAULT_MS }: Options) => {
      checkedRules([rule]);
      const request = { type: "wait", rule, removed, timeoutMs: timeout } as const;
      const reply = await askAttached(name, request, io).catch((error: unknown) => {
        if (!io.signal.aborted) throw error;
      });
      if (!reply) return exit(STATUS.world); // interrupted: whoever goes on after it must not think that the device is there
      if (reply.type === "timeout") throw gaveUp(name, rule, removed, timeout, reply);
      exit(STATUS.done);
    });

function gaveUp(name: string, rule: string, removed: boolean, ms: number, seen: Seen): CommandError {
  const problem = removed
    ? `${name} still sees ${seen.picked.join(", ")}`
    : `${name} was told of no device that ${rule} picks`;
  const devices = seen.devices === 1 ? "1 device" : `${seen.devices} devices`;
  const saw = `It sees ${devices}; ${seen.last ? `the last event was ${seen.last}` : "no event came"}.`;
  const remedy = seen.unseen === undefined ? saw : `${saw} ${seen.unseen}`;
  return new CommandError(STATUS.world, `${problem} after ${ms / 1000} s`, remedy);
}
