import { Command } from "commander";

import { STATUS } from "../command/error.js";
import { sentence } from "../command/failure.js";
import { checkedRules } from "../command/rules.js";
import type { Define } from "../command/run.js";
import { askAttached } from "../control/ask-attached.js";

/** `trigger`: tells a container once more, as `change`, of what it sees. */
export const trigger: Define = (io, exit) =>
  new Command("trigger")
    .description("tell a container that is attached each device it sees once more, as change")
    .argument("<NAME>", "the container")
    .argument("[RULE...]", "only devices that one of these picks")
    .action(async (name: string, rules: string[]) => {
      const reply = await askAttached(name, { type: "trigger", rules: checkedRules(rules) }, io);
      const told = `${reply.count} told to ${name}`;
      await io.stderr.write(reply.unseen === undefined ? `uevent-bridge: ${told}\n` : sentence(told, reply.unseen));
      exit(STATUS.done);
    });
