import { spawn } from "node:child_process";
import { constants } from "node:os";

import { CommandError, STATUS } from "../command/error.js";

const KILLED = 128; // a shell adds the signal's number

/** A program that runs in our terminal. */
export interface RunningProgram {
  readonly pid: number;
  /** Resolves to the status that a shell would have of it. */
  readonly ended: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/** @throws CommandError */
export async function startProgram(command: string, args: readonly string[]): Promise<RunningProgram> {
  const child = spawn(command, args, { stdio: "inherit" });
  const ended = new Promise<number>((resolve) => child.once("exit", (code, signal) => resolve(statusOf(code, signal))));
  await new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(notStarted(command, cause)));
  });
  return { pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) };
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? KILLED + (signal ? constants.signals[signal] : 0);
}

function notStarted(command: string, cause: Error): CommandError {
  const remedy = "Install @uevent-bridge/agent again, or build it.";
  return new CommandError(STATUS.world, `${command} does not start: ${cause.message}`, remedy, { cause });
}
