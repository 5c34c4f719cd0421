import { describe } from "vitest";
import { deviceDirectoryCases } from "./device-directories.js";
import { deviceRefusalCases } from "./device-refusals.js";
import { deviceRightsCases } from "./device-rights.js";
import { deviceCases, stuckCases, udevCases } from "./devices.js";
import { directoryCases } from "./directories.js";
import { helperCases } from "./helpers.js";
import { groupCases, injectorCases } from "./injectors.js";
import { BUFFER, longOverrunCases, overrunCases } from "./overruns.js";
import { peerCases } from "./peers.js";
import { senderCases } from "./senders.js";
import { singleNodesCases } from "./single-nodes.js";
import { forgeryCases, sourceCases } from "./sources.js";
import { holderCases } from "./holders.js";
import { ledgerCases } from "./ledgers.js";
import { placeCases } from "./places.js";
import { targetRightsCases } from "./target-rights.js";
import { sysDirectoryCases } from "./sys-directories.js";
import { targetCases } from "./targets.js";
import { worldForEach } from "./tools.js";
import type { MakeWorld } from "./tools.js";
import type { World, WorldOptions } from "./world.js";

/** What a kernel consists of. */
export type Part =
  | "source"
  | "overrun"
  | "sender"
  | "peer"
  | "directory"
  | "target"
  | "injector"
  | "helper"
  | "devices"
  | "device directory"
  | "sys directory"
  | "device rights";

export interface SuiteOptions {
  /** The parts that are this kernel's own, where it has the others of another kernel. Default: all. */
  readonly only?: readonly Part[];
  /**
   * Abilities that no world of this kernel has, on any machine: to `forge` a datagram, an attribute that is `stuck`, a record of `udev`.
   * Their cases are left out, not skipped; test what they promise in another way.
   */
  readonly without?: readonly ("forge" | "stuck" | "udev")[];
}

/**
 * Holds a kernel to the promises of its interface. Call it at the top of a test file.
 *
 * @example
 * describeKernel("Linux", async ({ receiveBuffer }) => new LinuxWorld(receiveBuffer));
 */
export function describeKernel(name: string, makeWorld: MakeWorld, { only, without = [] }: SuiteOptions = {}): void {
  const part = (which: Part, cases: (world: () => World) => void, options: WorldOptions = {}): void => {
    if (only?.includes(which) ?? true) describe(which, () => cases(worldForEach(makeWorld, options)));
  };
  describe(name, () => {
    part("source", sourceCases);
    if (!without.includes("forge")) part("source", forgeryCases);
    part("overrun", overrunCases, { receiveBuffer: BUFFER.small });
    part("overrun", longOverrunCases, { receiveBuffer: BUFFER.batches });
    part("sender", senderCases);
    part("sender", ledgerCases);
    part("peer", peerCases);
    part("directory", directoryCases);
    part("target", targetCases);
    part("target", placeCases);
    part("injector", injectorCases);
    part("injector", groupCases);
    part("helper", helperCases);
    part("device directory", deviceDirectoryCases);
    part("device directory", singleNodesCases);
    part("sys directory", sysDirectoryCases);
    part("device rights", deviceRightsCases);
    part("device rights", deviceRefusalCases);
    part("target", targetRightsCases);
    part("target", holderCases);
    part("devices", deviceCases);
    if (!without.includes("stuck")) part("devices", stuckCases);
    if (!without.includes("udev")) part("devices", udevCases);
  });
}
