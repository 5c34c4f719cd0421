import { Command } from "commander";

import { meantBy, sayWhich } from "../command/device.js";
import { CommandError, STATUS } from "../command/error.js";
import { sentence } from "../command/failure.js";
import { optionsOf } from "../command/granted-words.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";
import { isOnOpen } from "../control/protocol.js";
import type { Changed } from "../control/protocol.js";
import { count } from "../text/count.js";
import { letGoOn, standsStill, stoodStill } from "../text/frozen.js";
import { jsonLine } from "../text/json.js";
import { usersText } from "../text/users.js";

interface Options {
  readonly open?: string;
  readonly json?: boolean;
}

/** `revoke`: takes a device from a container, whatever its rules say. */
export const revoke: Define = (io, exit) =>
  new Command("revoke")
    .description("hide DEVICE and what is below from a container that is attached, whatever its rules say")
    .argument("<NAME>", "the container")
    .argument(
      "<DEVICE>",
      "a devpath, a path below /sys, a node or a link to one, as the container or else the host calls it",
    )
    .option("--open <what>", "name, end or freeze: what is done about programs that have it open; without, nothing")
    .option("--json", "one object")
    .action(async (name: string, given: string, { open, json = false }: Options) => {
      if (open !== undefined && !isOnOpen(open)) throw noOpen(open);
      const meant = await meantBy(given, io);
      const changed = await askAttached(name, { type: "revoke", ...meant, ...(open !== undefined && { open }) }, io);
      const { devpath } = changed.explanation;
      await sayWhich(meant, devpath, `revoke ${name}`, io);
      const device = devpath === meant.device ? given : devpath;
      const back = `To give it back: uevent-bridge grant ${name} ${device}${optionsOf(changed.granted ?? {})}`;
      const text = [sentence(describe(name, changed), back), ...users(name, open, changed)].join("");
      await (json ? io.stdout.write(objectOf(name, changed)) : io.stderr.write(text));
      exit(STATUS.done);
    });

function objectOf(name: string, { removed, openBy, ended, explanation: { devpath, frozen } }: Changed): string {
  const found = { ...(openBy && { openBy }), ...(ended && { ended }), ...(frozen && { frozen }) };
  return jsonLine({ type: "revoked", name, devpath, removed, ...found });
}

function describe(name: string, { removed, explanation: { devpath } }: Changed): string {
  if (removed === 0) return `${name} did not see ${devpath}, and will not`;
  const below = removed > 1 ? ` and ${count(removed - 1, "device")} below` : "";
  return `${name} does not see ${devpath}${below} any more`;
}

function* users(
  name: string,
  open: string | undefined,
  { openBy, ended = [], explanation }: Changed,
): Generator<string> {
  const { frozen = false } = explanation;
  if (ended.length > 0) yield sentence(`ended: ${usersText({ holders: ended, more: false })}`, "They had it open");
  const isUsed = openBy !== undefined && (openBy.holders.length > 0 || openBy.more);
  const isFor = frozen && isUsed && open === "freeze";
  const then = isFor ? `So ${standsStill(name)}. ${letGoOn(name)}` : "What is open stays open";
  if (isUsed) yield sentence(`in use by ${usersText(openBy)}`, then);
  if (frozen && !isFor) yield sentence(stoodStill(name), letGoOn(name));
}

function noOpen(open: string): CommandError {
  return new CommandError(STATUS.words, `--open ${open}`, "It is name, end or freeze.");
}
