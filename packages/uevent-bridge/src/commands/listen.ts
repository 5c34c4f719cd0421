import { Command } from "commander";

import { CommandError, STATUS } from "../command/error.js";
import type { Io } from "../command/io.js";
import { printTold } from "../command/print-told.js";
import type { Define } from "../command/run.js";
import { listen as openListener, listenRaw } from "../listen.js";

interface Options {
  readonly json?: boolean;
  readonly raw?: boolean;
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
    .action(async (dir: string, { json = false, raw = false }: Options) => {
      if (json && raw) throw new CommandError(STATUS.words, "--json and --raw", "Give one of them.");
      await (raw ? printRaw(dir, io) : printMessages(dir, json, io));
      exit(STATUS.done);
    });

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
