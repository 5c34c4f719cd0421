import { Command, Option } from "commander";

import type { Status } from "../command/error.js";
import { STATUS } from "../command/error.js";
import type { Io } from "../command/io.js";
import type { Define } from "../command/run.js";

interface Options {
  readonly inside?: string;
  readonly namespaced?: boolean;
}

/** `demo`: throw-away containers, real events of this machine, host and containers side by side. */
export const demo: Define = (io, exit) =>
  new Command("demo")
    .description("throw-away containers and real events of this machine, side by side")
    .addOption(new Option("--inside <dir>", "be a container's program").hideHelp())
    .addOption(new Option("--namespaced", "this process has namespaces of its own").hideHelp())
    .action(async ({ inside, namespaced = false }: Options) => {
      const status = inside === undefined ? await show(namespaced, io) : await receive(inside);
      exit(io.signal.aborted ? STATUS.done : status); // what was interrupted shows nothing
    });

async function show(namespaced: boolean, io: Io): Promise<Status> {
  const { demoOnLadder } = await import("../demo/on-ladder.js"); // the other commands need none of it
  return demoOnLadder(namespaced, io);
}

async function receive(directory: string): Promise<Status> {
  const { receiveInside } = await import("../demo/inside.js");
  await receiveInside(directory);
  return STATUS.done;
}
