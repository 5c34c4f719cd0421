import type { Message } from "@uevent-bridge/relay";
import { Command } from "commander";

import { STATUS } from "../command/error.js";
import type { Io } from "../command/io.js";
import { printTold } from "../command/print-told.js";
import type { PrintOptions } from "../command/print-told.js";
import { openRelayFor } from "../command/relay.js";
import { checkedRules } from "../command/rules.js";
import type { Define } from "../command/run.js";

interface Options {
  readonly kernel?: boolean;
  readonly udev?: boolean;
  readonly from?: string;
  readonly properties?: boolean;
  readonly json?: boolean;
}
type Speaker = "kernel" | "udev";

/** `monitor`: what the host's kernel (and udev) says, live. */
export const monitor: Define = (io, exit) =>
  new Command("monitor")
    .description("what the host's kernel (and udev) says, live")
    .argument("[RULE...]", "only devices that one of these picks")
    .option("--kernel", "what the kernel says (the default)")
    .option("--udev", "what udevd makes of it")
    .option("--from <dir>", "in a container: what a relay outside says there (/run/uevent), and not the kernel")
    .option("--properties", "each property on a line of its own")
    .option("--json", "one object for each line")
    .action(async (rules: string[], options: Options) => {
      checkedRules(rules);
      await follow(rules, options, io);
      exit(STATUS.done);
    });

async function follow(rules: readonly string[], options: Options, io: Io): Promise<void> {
  await using relay = await openRelayFor(io, { from: options.from });
  const speakers = speakersOf(options);
  const streams = speakers.map((source) => ({ source, messages: relay.monitor({ source, rules, signal: io.signal }) }));
  await io.stderr.write(`uevent-bridge: listening to ${speakers.join(" and ")}; Ctrl-C ends\n`);
  await Promise.all(
    streams.map(({ source, messages }) =>
      printAll(messages, { ...options, ...(speakers.length > 1 && { source }) }, io),
    ),
  );
}

async function printAll(messages: AsyncIterable<Message>, options: PrintOptions, io: Io): Promise<void> {
  const print = printTold(io, options);
  for await (const message of messages) await print(message);
}

function speakersOf({ kernel, udev }: Options): Speaker[] {
  if (!udev) return ["kernel"];
  return kernel ? ["kernel", "udev"] : ["udev"];
}
