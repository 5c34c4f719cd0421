import { describe } from "vitest";
import { deviceCases, stuckCases, udevCases } from "./devices.js";
import { directoryCases } from "./directories.js";
import { groupCases, injectorCases } from "./injectors.js";
import { BUFFER, longOverrunCases, overrunCases } from "./overruns.js";
import { peerCases } from "./peers.js";
import { senderCases } from "./senders.js";
import { sourceCases } from "./sources.js";
import { targetCases } from "./targets.js";
import { worldForEach } from "./tools.js";
import type { MakeWorld } from "./tools.js";

export interface SuiteOptions {
  /**
   * Abilities that no world of this kernel has, on any machine: an attribute that is `stuck`, a record of `udev`.
   * Their cases are left out, not skipped; test what they promise in another way.
   */
  readonly without?: readonly ("stuck" | "udev")[];
}

/**
 * Holds a kernel to the promises of its interface. Call it at the top of a test file.
 *
 * @example
 * describeKernel("Linux", async ({ receiveBuffer }) => new LinuxWorld(receiveBuffer));
 */
export function describeKernel(name: string, makeWorld: MakeWorld, { without = [] }: SuiteOptions = {}): void {
  describe(name, () => {
    describe("source", () => sourceCases(worldForEach(makeWorld)));
    describe("overrun", () => overrunCases(worldForEach(makeWorld, { receiveBuffer: BUFFER.small })));
    describe("overrun of a longer queue", () =>
      longOverrunCases(worldForEach(makeWorld, { receiveBuffer: BUFFER.batches })));
    describe("sender", () => senderCases(worldForEach(makeWorld)));
    describe("peer", () => peerCases(worldForEach(makeWorld)));
    describe("directory", () => directoryCases(worldForEach(makeWorld)));
    describe("target", () => targetCases(worldForEach(makeWorld)));
    describe("injector", () => injectorCases(worldForEach(makeWorld)));
    describe("injector of a group", () => groupCases(worldForEach(makeWorld)));
    describe("devices", () => deviceCases(worldForEach(makeWorld)));
    if (!without.includes("stuck")) describe("devices", () => stuckCases(worldForEach(makeWorld)));
    if (!without.includes("udev")) describe("devices", () => udevCases(worldForEach(makeWorld)));
  });
}
