import { debuglog, inspect } from "node:util";

import { Command, CommanderError } from "commander";

import { attach } from "../commands/attach.js";
import { demo } from "../commands/demo.js";
import { doctor } from "../commands/doctor.js";
import { explain } from "../commands/explain.js";
import { grant } from "../commands/grant.js";
import { listen } from "../commands/listen.js";
import { match } from "../commands/match.js";
import { monitor } from "../commands/monitor.js";
import { print } from "../commands/print.js";
import { revoke } from "../commands/revoke.js";
import { runCommand } from "../commands/run.js";
import { thaw } from "../commands/thaw.js";
import { transfer } from "../commands/transfer.js";
import { tree } from "../commands/tree.js";
import { trigger } from "../commands/trigger.js";
import { wait } from "../commands/wait.js";
import { version } from "../version.js";
import { CommandError, STATUS } from "./error.js";
import { printable } from "../text/printable.js";
import { describeFailure } from "./failure.js";
import type { Io } from "./io.js";

/** Makes a command of the program; its action hands its exit status to `exit`. */
export type Define = (io: Io, exit: (status: number) => void) => Command;

const RELAYING: readonly Define[] = [monitor, match, attach, runCommand, listen];
const OF_ATTACHED: readonly Define[] = [trigger, wait, grant, revoke, transfer, thaw, explain, tree];
const ASKING = new Set<unknown>(["trigger", "grant", "revoke", "transfer", "thaw", "explain", "tree"]);
const COMMANDS: readonly Define[] = [...RELAYING, ...OF_ATTACHED, doctor, print, demo];

/** Runs the command that the arguments name, to its end, and returns the exit status. Never throws. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let status: number = STATUS.done;
  try {
    await program(io, (code) => (status = code)).parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return STATUS.done; // --help, --version
    if (io.signal.aborted) return interrupted(args[0]);
    const failed = await report(error instanceof CommanderError ? wrongWords(error, args) : error, io);
    return args[0] === "run" ? STATUS.notRun : failed;
  }
}

/** What goes on until it is interrupted did not fail; whoever asked something does not know what became of it. */
function interrupted(command: string | undefined): number {
  if (command === "run") return STATUS.notRun;
  return ASKING.has(command) ? STATUS.interrupted : STATUS.done;
}

function program(io: Io, exit: (status: number) => void): Command {
  const root = new Command("uevent-bridge")
    .description("Device events for containers: the ones that are theirs and no others.")
    .version(version());
  for (const define of COMMANDS) root.addCommand(define(io, exit));
  return within(root, io);
}

/** A command and all below it throw where they would end the process, and print where ours do. */
function within(command: Command, io: Io): Command {
  command.exitOverride().configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: () => {} });
  for (const below of command.commands) within(below, io);
  return command;
}

function wrongWords(error: CommanderError, args: readonly string[]): CommandError {
  const [first, asked] = args;
  if (error.code === "commander.help") {
    const what = first === "help" && asked !== undefined ? `unknown command '${asked}'` : "no command";
    return new CommandError(STATUS.words, what, HELP);
  }
  // Commander's message is one line, and a suggestion in brackets on the next if something is near.
  const [message = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const nearest = suggestion?.replace(/^\((.*)\)$/, "$1");
  const remedy = [nearest, isOfProgram(error, args) ? BEFORE_PROGRAM : undefined].filter(Boolean).join(" ") || HELP;
  return new CommandError(STATUS.words, message, remedy, { cause: error });
}

/** An option that may have been meant for the program that `run` starts. */
function isOfProgram({ code }: CommanderError, args: readonly string[]): boolean {
  return code === "commander.unknownOption" && args[0] === "run" && !args.includes("--");
}

const BEFORE_PROGRAM = "Write -- before PROGRAM: what stands behind it is left to the program.";

const HELP = "Try uevent-bridge help.";

/** A message may have anybody's words in it. */
function debug(error: unknown): void {
  const log = debuglog("uevent-bridge");
  if (log.enabled) log("%s", inspect(error).split("\n").map(printable).join("\n"));
}

async function report(error: unknown, io: Io): Promise<number> {
  debug(error);
  const { status, text } = describeFailure(error);
  await io.stderr.write(text);
  return status;
}
