import type { Kernel, PlaceInside, Target } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";
import type { Look } from "@uevent-bridge/relay";
import { choose, lookAt } from "@uevent-bridge/relay";

import { note, ok, problem } from "./finding.js";
import type { Finding } from "./finding.js";
import { describeProgram } from "./program.js";
import { checkRunUdev } from "./run-udev.js";
import { checkRunUevent } from "./run-uevent.js";

/** What keeps events away from the container of a process, from its namespaces to each program that listens. @throws KernelError */
export async function checkTarget(kernel: Kernel, pid: number): Promise<Finding[]> {
  const target = kernel.openTarget({ pid });
  try {
    const look = await lookAt(target);
    const { netlink, reason } = choose(look);
    return [
      ok("target.there", `process ${pid} is there`),
      ownership(target),
      cgroup(target),
      ok("auto.choice", `attach --netlink auto would choose ${netlink}: ${reason}`),
      ...(look.netnsOwner === "own" ? [...identity(target), ...injection(target)] : []),
      ...(await places(target, look)),
      ...(await programs(target)),
    ];
  } finally {
    target.close();
  }
}

function ownership(target: Target): Finding {
  const netns = `net:[${target.netns}]`;
  if (target.sharesHostNetns) {
    const message = `it shares the host's network namespace (${netns}): it hears every event of the host`;
    return note("netns.host", message, UNFILTERED);
  }
  if (target.ownedByInitialUserns) {
    const owner = `the initial user namespace owns its network namespace (${netns}): it hears every event of the host`;
    return note("netns.initial", owner, UNFILTERED);
  }
  const { uid, gid } = target.root;
  const owner = `its own user namespace owns its network namespace (${netns}); its root is ${uid}:${gid} here`;
  return ok("netns.own", `${owner}. It hears no events but those that a relay says there`);
}

const UNFILTERED =
  "To filter, give it a user namespace of its own, or a shadow (attach --shadow auto), or let its programs listen on sockets, as they do with the shim.";

/** Which hardly any machine has, so that nobody grants it by name. */
const UNLIKELY = { type: "block", major: 259, minor: 1_048_575 } as const;

/** Whether somebody says what its programs may open: a runtime, or a relay that was killed. */
function cgroup(target: Target): Finding {
  try {
    const refuser = target.refusedBy(UNLIKELY, "rw");
    if (refuser === undefined) return ok("cgroup.open", "nothing keeps its programs from opening any device's node");
    return ok("cgroup.limited", `its programs may open what is granted alone: ${refuser} refuses all else. ${ADDED}`);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return note("cgroup.unknown", `what its programs may open cannot be seen: ${error.message}`, error.remedy);
  }
}

const ADDED = "attach --cgroup auto adds what the rules let in";

/** udevd, libudev and libusb believe nobody but root. */
function identity({ seenAs, root }: Target): Finding[] {
  if (seenAs === 0) return [];
  const who = `its user namespace has no root, so its programs take whoever speaks there for uid ${seenAs}`;
  return [
    problem(
      "netlink.no-root",
      `${who} (${root.uid} here): udevd and programs of libudev and libusb believe root alone`,
      "Map id 0 of its user namespace (bwrap --uid 0 --gid 0; podman without --userns keep-id), or listen on a socket.",
    ),
  ];
}

function injection(target: Target): Finding[] {
  try {
    target.openInjector("kernel").close();
    return [ok("netlink.possible", "events can be said in its network namespace")];
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return [problem("netlink.impossible", error.message, error.remedy)];
  }
}

/** What its programs find in `/run`. */
async function places(target: Target, look: Look): Promise<Finding[]> {
  const at = (path: string): Promise<PlaceInside> | "unknown" =>
    look.udevd === "unknown" ? "unknown" : target.placeInside(path); // what did not answer would keep another process
  const udev = look.netnsOwner === "own" ? checkRunUdev(look, await at("/run/udev")) : [];
  return [...udev, ...checkRunUevent(await at("/run/uevent"), target.user.uid)];
}

async function programs(target: Target): Promise<Finding[]> {
  const found = await target.programs();
  if (found.some(({ sockets }) => sockets.length > 0)) return found.flatMap(describeProgram);
  if (target.sharesHostNetns) return [];
  const none = "nobody listens to uevents there now";
  return [note("reader.none", none, "Start its udevd or mdev, or listen on a socket.")];
}
