import { join } from "node:path";

import { shimPath } from "@uevent-bridge/agent";
import { Command } from "commander";

import { STATUS } from "../command/error.js";
import type { Define } from "../command/run.js";
import { checkedName } from "../command/name.js";
import { seccompFragment } from "../run/seccomp.js";

const WHERE_IT_GOES =
  "for the config.json of an OCI runtime, not for docker --security-opt seccomp=, which drops Docker's own filter for it. " +
  "To a linux.seccomp that is there already add listenerPath and this entry of syscalls, keep its defaultAction and the rest, " +
  "and have no other entry allow this socket() (docs/decisions/26-shadow.md).";

/** `print`: what other programs' configurations need of us. */
export const print: Define = (io, exit) => {
  const command = new Command("print").description("what configurations of other programs need of this one");
  command
    .command("seccomp")
    .description(
      "the part of an OCI config.json with which NAME's programs listen in its shadow (attach NAME --shadow auto)",
    )
    .argument("<NAME>", "the container")
    .action(async (name: string) => {
      const path = join(io.runtime.directory, ".shadow", checkedName(name));
      await io.stdout.write(`${JSON.stringify(seccompFragment(path), undefined, 2)}\n`);
      await io.stderr.write(`uevent-bridge: ${WHERE_IT_GOES}\n`);
      exit(STATUS.done);
    });
  command
    .command("shim-path")
    .description("the library to load (LD_PRELOAD) before programs that shall hear the sockets of /run/uevent")
    .action(async () => {
      await io.stdout.write(`${shimPath()}\n`);
      exit(STATUS.done);
    });
  return command;
};
