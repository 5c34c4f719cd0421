import { readFileSync } from "node:fs";

import { nativeProgram, nodeProgram } from "./places.js";

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

type Argument = string | number;

/** A program of bench/native. */
export function native(name: string, ...args: readonly Argument[]): Command {
  return [nativeProgram(name), ...args.map(String)];
}

/** A program of bench/workers. With BENCH_PROFILE=DIRECTORY in the environment it leaves a .cpuprofile there. */
export function node(name: string, ...args: readonly Argument[]): Command {
  const directory = process.env["BENCH_PROFILE"];
  const profile = directory ? ["--cpu-prof", `--cpu-prof-dir=${directory}`, "--cpu-prof-interval=200"] : [];
  return [process.execPath, ...profile, nodeProgram(name), ...args.map(String)];
}

/**
 * The same on one processor alone, where there are several: the first one for those who are measured, the last one for those who
 * are to be out of their way. Where the scheduler puts a receiver when it wakes would decide more than any program.
 */
export function pinned(to: "first" | "last", command: Command): Command {
  const allowed = /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  const processors = allowed.split(/[-,]/); // such as 0-3,8
  const [first = "0", last = first] = [processors[0], processors.at(-1)];
  return first === last ? command : native("pinned", to === "first" ? first : last, ...command);
}
