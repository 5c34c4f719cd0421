import type { Deliver, Target } from "@uevent-bridge/relay";
import { Command } from "commander";

import { forward } from "../attach/forward.js";
import { checkPath, isInsisting, netlinkOf, shadowOf, wrong } from "../attach/words.js";
import { STATUS } from "../command/error.js";
import { parsePid } from "../command/numbers.js";
import { checkNoneAlone, collect, policyOf } from "../command/rules.js";
import type { Define } from "../command/run.js";

interface Options {
  readonly pid?: number;
  readonly netns?: string;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly socket?: string;
  readonly netlink: string;
  readonly shadow: string;
  readonly exec?: string;
  readonly dev: string;
  readonly sysfs: string;
  readonly cgroup: string;
  readonly from?: string;
  readonly coldplug: boolean;
  readonly json?: boolean;
}

/** `attach`: relay to one container in the foreground, until it ends, Ctrl-C or kill. */
export const attach: Define = (io, exit) =>
  new Command("attach")
    .description("relay to one container in the foreground, until it ends, Ctrl-C or kill")
    .argument("<NAME>", "what to call the container; also the name of its socket directory")
    .option("--pid <pid>", "a process of the container", parsePid)
    .option("--netns <path>", "its network namespace, such as /run/netns/NAME")
    .option("--allow <rule>", "what it may see; may be repeated", collect, [])
    .option("--deny <rule>", "what it may not see, although it is allowed; may be repeated", collect, [])
    .option("--socket <dir>", "the directory for its listeners, or off")
    .option(
      "--netlink <how>",
      "auto, kernel, udev, both or off: say events in its own network namespace, to whom",
      "auto",
    )
    .option(
      "--shadow <path>",
      "auto, off, or a path: say events in a shadow of its network namespace, whose seccomp filter comes there",
      "off",
    )
    .option(
      "--exec <program>",
      "run a program of the container in it for each event, as the kernel's hotplug helper: mdev",
    )
    .option("--dev <path>", "auto, off, or a directory to make it in: its /dev, with what it may see", "off")
    .option("--sysfs <path>", "auto, off, or a directory to make it in: its /sys, with what it may see", "off")
    .option("--cgroup <path>", "auto, off, or a cgroup: let its programs open what it may see, and nothing else", "off")
    .option("--from <dir>", "in a container: hear what a relay outside says there (/run/uevent), and not the kernel")
    .option("--no-coldplug", "do not tell the devices that are there already")
    .option("--json", "one object for each line")
    .allowExcessArguments()
    .action(async (name: string, options: Options, { args }: Command) => {
      checkNoneAlone(args.slice(1));
      const ways = { ...viewOf(options), ...policyOf(options), ...targetOf(options), ...deliveryOf(options) };
      await forward({ name, ...ways, coldplug: options.coldplug }, options, io);
      exit(STATUS.done);
    });

function targetOf({ pid, netns }: Options): Target | Record<string, never> {
  if (pid !== undefined && netns !== undefined) throw wrong("--pid and --netns", "Give one of them.");
  if (pid !== undefined) return { pid };
  return netns === undefined ? {} : { netns };
}

function viewOf({ dev, sysfs, cgroup, pid }: Options): Pick<Options, "dev" | "sysfs" | "cgroup"> {
  for (const [option, value] of Object.entries({ dev, sysfs, cgroup })) checkPath(option, value, ["auto", "off"]);
  if (cgroup === "auto" && pid === undefined)
    throw wrong("--cgroup auto needs a process of the container, whose cgroup it is", "Give --pid, or the cgroup.");
  return { dev, sysfs, cgroup };
}

function deliveryOf({ socket, netlink, shadow, exec, pid, netns }: Options): { readonly deliver: Deliver } {
  if (socket !== undefined) checkPath("socket", socket, ["off"]);
  if (exec === "") throw wrong("--exec is empty", "Give a program of the container, such as mdev or /sbin/hotplug.");
  if (exec !== undefined && pid === undefined)
    throw wrong("--exec needs a process of the container, beside which it runs", "Give --pid.");
  const hearsBySocket = netlink === "udev" && socket !== "off"; // it is given /run/udev before it starts
  if (isInsisting(netlink) && !hearsBySocket && shadow === "off" && pid === undefined && netns === undefined) {
    throw wrong(
      `--netlink ${netlink} needs a network namespace`,
      "Give --pid, a process of the container, --netns or --shadow.",
    );
  }
  const directory = socket === "off" ? false : (socket ?? true);
  const ways = { socket: directory, netlink: netlinkOf(netlink), shadow: shadowOf(shadow) };
  return { deliver: exec === undefined ? ways : { ...ways, exec } };
}
