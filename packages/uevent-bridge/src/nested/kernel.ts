import { randomUUID } from "node:crypto";

import type { Kernel } from "@uevent-bridge/kernel";
import type { Listener } from "@uevent-bridge/listener";

import { ToldDevices } from "./devices.js";
import { Holders } from "./holders.js";
import { ToldSource } from "./source.js";

/** Bytes of events that may wait for a relay that reads `/sys`. */
const RECEIVE_BUFFER = 16_777_216;

/**
 * The kernel of a relay in a container: its devices are those that the relay outside tells a listener of, its events what that one
 * says of them. All else is `real`'s. The listener is closed with `devices`.
 */
export function nestedKernel(real: Kernel, listener: Listener, { receiveBuffer = RECEIVE_BUFFER } = {}): Kernel {
  const holders = new Holders(listener);
  return {
    boot: randomUUID(), // what the relay outside tells of says no more than that
    devices: new ToldDevices(real.devices, listener),
    openSource: ({ group, onBatch }) =>
      group === "kernel"
        ? new ToldSource({ listener, holders, receiveBuffer, onBatch })
        : real.openSource({ group, onBatch }),
    openTarget: (ref) => real.openTarget(ref),
    openDirectory: (path, options) => real.openDirectory(path, options),
    openUdevDirectory: (path) => real.openUdevDirectory(path),
    openDeviceDirectory: (path, owner) => real.openDeviceDirectory(path, owner),
    openSysDirectory: (path, owner) => real.openSysDirectory(path, owner),
    openDeviceRights: (cgroup) => real.openDeviceRights(cgroup),
    openShadow: (path) => real.openShadow(path),
    openSender: () => real.openSender(),
    openLedger: (path) => real.openLedger(path),
    udevRuns: () => real.udevRuns(),
  };
}
