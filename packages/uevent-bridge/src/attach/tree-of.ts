import { setImmediate } from "node:timers/promises";

import type { Container, Explanation } from "@uevent-bridge/relay";

import type { Branch } from "../control/protocol.js";

/** Milliseconds of a turn of the event loop: what may be opened is asked of the kernel for each device. */
const TURN_MS = 4;

/** What a container was told of, parents first, each with the nearest one above it. */
export async function treeOf(container: Container): Promise<readonly Branch[]> {
  const devices = await container.devices();
  const seen = new Set(devices.map(({ devpath }) => devpath));
  const branches: Branch[] = [];
  let end = performance.now() + TURN_MS;
  for (const { devpath, subsystem } of devices) {
    const { rule, picked, node, channels } = await container.explain(devpath, { look: "cgroup" });
    const parent = nearestAbove(devpath, seen);
    branches.push({ devpath, subsystem, ...without({ parent, rule, picked, node, problem: problemOf(channels) }) });
    if (performance.now() < end) continue;
    await setImmediate();
    end = performance.now() + TURN_MS;
  }
  return branches;
}

/** Whether its programs stand still; that is said of any device, one that is not there too. */
export async function frozenOf(container: Container): Promise<Pick<Explanation, "frozen">> {
  const { frozen } = await container.explain("/devices", { look: false });
  return frozen ? { frozen } : {};
}

function problemOf(channels: Explanation["channels"]): string | undefined {
  const problems = Object.values(channels).flatMap((state) => (typeof state === "object" ? [state.problem] : []));
  return problems.length > 0 ? problems.join("; ") : undefined;
}

function nearestAbove(devpath: string, seen: ReadonlySet<string>): string | undefined {
  for (let end = devpath.lastIndexOf("/"); end > 0; end = devpath.lastIndexOf("/", end - 1)) {
    if (seen.has(devpath.slice(0, end))) return devpath.slice(0, end);
  }
  return undefined;
}

/** What is not there is left out. */
function without(branch: {
  [K in "parent" | "rule" | "picked" | "node" | "problem"]: Branch[K] | undefined;
}): Partial<Branch> {
  return Object.fromEntries(Object.entries(branch).filter(([, value]) => value !== undefined));
}
