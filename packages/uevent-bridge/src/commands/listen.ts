import { Command } from "commander";

import { CommandError, STATUS } from "../command/error.js";
import type { Io } from "../command/io.js";
import { printTold } from "../command/print-told.js";
import type { Define } from "../command/run.js";
import { Helpers } from "../exec/helpers.js";
import { findProgram } from "../exec/program.js";
import { printable } from "../text/printable.js";
import { listen as openListener, listenRaw } from "../listen.js";

interface Options {
  readonly json?: boolean;
  readonly raw?: boolean;
  readonly exec?: string;
}

const DEFAULT_DIRECTORY = "/run/uevent";
const END_OF_DATAGRAM = Uint8Array.of(0); // each pair ends in a NUL too, so two of them end a datagram

/** `listen`: inside a container, what the relay tells it. */
export const listen: Define = (io, exit) =>
  new Command("listen")
    .description("inside a container: what it is told, live")
    .argument("[DIR]", "the directory of sockets", DEFAULT_DIRECTORY)
    .option("--json", "one object for each line")
    .option("--raw", "the bytes of each datagram, then a NUL")
    .option("--exec <program>", "run PROGRAM for each event, as the kernel would its hotplug helper")
    .action(async (dir: string, options: Options) => {
      const { json = false, raw = false, exec } = checked(options);
      if (exec !== undefined) await runHelpers(dir, findProgram(exec), io);
      else await (raw ? printRaw(dir, io) : printMessages(dir, json, io));
      exit(STATUS.done);
    });

function checked(options: Options): Options {
  const given = (["json", "raw", "exec"] as const).filter((name) => options[name] !== undefined);
  if (given.length < 2) return options;
  throw new CommandError(STATUS.words, given.map((name) => `--${name}`).join(" and "), "Give one of them.");
}

async function runHelpers(dir: string, program: string, io: Io): Promise<void> {
  const complain = (sentence: string): void => void io.stderr.write(`uevent-bridge: ${printable(sentence)}\n`);
  await using listener = await openListener({ dir, signal: io.signal });
  const helpers = new Helpers({ program, onTrouble: complain });
  await say(dir, io);
  try {
    for await (const message of listener) {
      if (message.kind === "gap") complain(`gap: ${message.lost} lost (${message.where})`);
      else await helpers.run(message);
    }
  } finally {
    await helpers.end();
  }
}

async function printMessages(dir: string, json: boolean, io: Io): Promise<void> {
  const print = printTold(io, { json });
  await using listener = await openListener({ dir, signal: io.signal });
  await say(dir, io);
  for await (const message of listener) await print(message);
}

async function printRaw(dir: string, io: Io): Promise<void> {
  if (io.stdout.terminal) {
    throw new CommandError(
      STATUS.words,
      "--raw writes bytes that a terminal must not get",
      "Send them to a file or pipe.",
    );
  }
  await using listener = await listenRaw({ dir, signal: io.signal });
  await say(dir, io);
  for await (const datagram of listener) {
    if (!(datagram instanceof Uint8Array)) await io.stderr.write(`uevent-bridge: gap: ${datagram.lost} lost\n`);
    else await io.stdout.write(Buffer.concat([datagram, END_OF_DATAGRAM]));
  }
}

async function say(dir: string, io: Io): Promise<void> {
  await io.stderr.write(`uevent-bridge: listening in ${dir}; Ctrl-C ends\n`);
}
