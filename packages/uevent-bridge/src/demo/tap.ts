import type { Batch, Kernel, Source, SourceOptions } from "@uevent-bridge/kernel";

import type { Sighting } from "./sighting.js";

/**
 * The same kernel; each datagram that it says to the host is shown to `onSighting` at the moment it is read, before
 * whoever opened the source gets it.
 */
export function tapped(kernel: Kernel, onSighting: (sighting: Sighting) => void): Kernel {
  const openSource = (options: SourceOptions): Source =>
    kernel.openSource({
      ...options,
      onBatch: (batch) => {
        for (const sighting of sightingsOf(batch, process.hrtime.bigint())) onSighting(sighting);
        options.onBatch(batch);
      },
    });
  return {
    boot: kernel.boot,
    devices: kernel.devices,
    openSource,
    openTarget: (ref) => kernel.openTarget(ref),
    openDirectory: (path, options) => kernel.openDirectory(path, options),
    openUdevDirectory: (path) => kernel.openUdevDirectory(path),
    openDeviceDirectory: (path, owner) => kernel.openDeviceDirectory(path, owner),
    openSysDirectory: (path, owner) => kernel.openSysDirectory(path, owner),
    openDeviceRights: (cgroup) => kernel.openDeviceRights(cgroup),
    openShadow: (path) => kernel.openShadow(path),
    openSender: () => kernel.openSender(),
    openLedger: (path) => kernel.openLedger(path),
    udevRuns: () => kernel.udevRuns(),
  };
}

function* sightingsOf(batch: Batch, at: bigint): Generator<Sighting> {
  for (let i = 0; i < batch.count; i++) {
    if (isSaidByKernel(batch, i)) yield { at, bytes: batch.slab.slice(batch.starts[i], batch.ends[i]) };
  }
}

/** What somebody else says to the group is not an event of this machine. */
function isSaidByKernel(batch: Batch, i: number): boolean {
  return batch.portIds[i] === 0 && batch.groups[i] === 1 && batch.pids[i] === 0;
}
