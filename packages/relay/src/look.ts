import type { Access, DeviceNumber, DeviceRights, NodeInside, Target } from "@uevent-bridge/kernel";
import { KernelError, asKernelError } from "@uevent-bridge/kernel";
import type { Found } from "@uevent-bridge/view";

import type { Explanation } from "./types.js";

type State = Explanation["channels"][string];

interface Right {
  readonly number: DeviceNumber;
  readonly access: Access;
}

/** A device as a container is to have it, and where it is looked at. */
export interface Looked {
  readonly devpath: string;
  /** Undefined: it has no node, or the container is to have none. */
  readonly node: Found | undefined;
  /** What its programs should be able to open; undefined: it has no number. */
  readonly right: Right | undefined;
  /** Undefined: it has not started. */
  readonly target: Target | undefined;
  /** Undefined: we say nothing of what its programs may open. */
  readonly rights: DeviceRights | undefined;
}

/** Whether a container finds a device as it is to have it: what the kernel says now, not what was meant. */
export async function look(looked: Looked, channel: "dev" | "sysfs"): Promise<State> {
  if (!looked.target) return "ok"; // what its engine does with it is still to come
  return channel === "dev" ? lookAtNode(looked, looked.target) : lookAtSys(looked, looked.target);
}

/** The same of its cgroup, whoever says there what may be opened; undefined if nothing can be looked at. */
export function lookAtRights({ right, rights, target }: Looked): State | undefined {
  if (!right) return rights && "ok";
  const asked = rights ?? (target?.pid === undefined ? undefined : target);
  const refuser = asked && attempt(() => asked.refusedBy(right.number, right.access));
  if (refuser === undefined) return rights ? "ok" : asked && "off";
  if (!rights && refuser instanceof KernelError) return undefined;
  return problem(
    `its programs may not open it: ${describeRefusal(refuser, right)}`,
    rights ? ALLOW_THERE : ALLOW_OR_ASK,
  );
}

const ALLOW_THERE = "Have whoever made that (the runtime, a slice of systemd) let it through, or attach again";
const ALLOW_OR_ASK =
  "Have whoever made that (the runtime, a relay that was killed) let it through, or attach with --cgroup auto";

async function lookAtNode({ node }: Looked, target: Target): Promise<State> {
  if (!node) return "ok";
  const path = `/dev/${node.name}`;
  if (node.unmapped) return problem(`${path} is its root's: ${node.unmapped.message}`, node.unmapped.remedy);
  const found = await target.nodeInside(path);
  const amiss = typeof found === "string" ? NO_NODE[found] : difference(found, node);
  return amiss === undefined ? "ok" : problem(`in the container ${path} ${amiss}`, LOOK_INSIDE);
}

const NO_NODE = {
  absent: "is not there",
  "no-node": "is no device node",
  unknown: "cannot be looked at",
} as const satisfies Record<Extract<NodeInside, string>, string>;

const LOOK_INSIDE = "See what is mounted over its /dev (findmnt -R /dev in it); attach it again to have ours there";

function difference(found: Exclude<NodeInside, string>, { number, mode, host }: Found): string | undefined {
  const isSame = found.type === number.type && found.major === number.major && found.minor === number.minor;
  if (!isSame) return `is another device: ${found.type} ${found.major}:${found.minor}`;
  if (!found.opens) return "lies in a file system in which no node can be opened (nodev)";
  if (found.uid !== host.uid || found.gid !== host.gid) return `belongs to ${found.uid}:${found.gid} of the host`;
  return found.mode === mode ? undefined : `has the mode 0${found.mode.toString(8)}`;
}

async function lookAtSys({ devpath }: Looked, target: Target): Promise<State> {
  const path = `/sys${devpath}`;
  const found = await target.placeInside(path);
  if (typeof found === "object" && found.entries.some(({ name }) => name === "uevent")) return "ok";
  const amiss = found === "unknown" ? "cannot be looked at" : "does not show the device";
  return problem(`in the container ${path} ${amiss}`, "See what is mounted over its /sys (findmnt -R /sys in it)");
}

function problem(text: string, remedy: string): State {
  return { problem: text, remedy: `${remedy}.` };
}

function describeRefusal(refuser: string | KernelError, { number, access }: Right): string {
  const who = typeof refuser === "string" ? refuser : `perhaps somebody, as it cannot be asked (${refuser.message}),`;
  return `${who} refuses ${number.type === "char" ? "c" : "b"} ${number.major}:${number.minor} ${access}`;
}

function attempt(ask: () => string | undefined): string | KernelError | undefined {
  try {
    return ask();
  } catch (error) {
    const known = asKernelError(error);
    if (known instanceof KernelError) return known;
    throw error;
  }
}
