import type { Container } from "@uevent-bridge/relay";

import type { Branch } from "../control/protocol.js";

/** What a container was told of, parents first, each with the nearest one above it. */
export async function treeOf(container: Container): Promise<readonly Branch[]> {
  const devices = await container.devices();
  const seen = new Set(devices.map(({ devpath }) => devpath));
  return Promise.all(
    devices.map(async ({ devpath, subsystem }) => {
      const parent = nearestAbove(devpath, seen);
      const { rule, picked, node } = await container.explain(devpath, { look: false });
      return { devpath, subsystem, ...without({ parent, rule, picked, node }) };
    }),
  );
}

function nearestAbove(devpath: string, seen: ReadonlySet<string>): string | undefined {
  for (let end = devpath.lastIndexOf("/"); end > 0; end = devpath.lastIndexOf("/", end - 1)) {
    if (seen.has(devpath.slice(0, end))) return devpath.slice(0, end);
  }
  return undefined;
}

/** What is not there is left out. */
function without(branch: { [K in "parent" | "rule" | "picked" | "node"]: Branch[K] | undefined }): Partial<Branch> {
  return Object.fromEntries(Object.entries(branch).filter(([, value]) => value !== undefined));
}
