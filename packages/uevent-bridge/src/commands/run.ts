import { Command } from "commander";

import { netlinkOf } from "../attach/words.js";
import { collect, policyOf } from "../command/rules.js";
import type { Define } from "../command/run.js";
import { runProgram } from "../run/run-program.js";

interface Options {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly netlink: string;
}

/** `run`: start a program that hears only what a policy lets in. */
export const runCommand: Define = (io, exit) =>
  new Command("run")
    .description("start a program that hears the events of these devices and no others; exits with its status")
    .argument("<NAME>", "what to call it")
    .argument("<PROGRAM...>", "behind --: the program and its arguments")
    .option("--allow <rule>", "what it may see; may be repeated", collect, [])
    .option("--deny <rule>", "what it may not see, although it is allowed; may be repeated", collect, [])
    .option("--netlink <how>", "kernel, udev or both: to whom in it events are said", "both")
    .action(async (name: string, program: readonly string[], options: Options) => {
      const deliver = { netlink: netlinkOf(options.netlink), shadow: "auto" } as const;
      exit(await runProgram({ name, ...policyOf(options), deliver }, program, io));
    });
