import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Kernel } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";

/** The devices and events of one kernel, the files and sockets of this machine. */
export function withRealSockets(devices: Kernel): Kernel {
  const linux = openLinux();
  return {
    boot: devices.boot,
    devices: devices.devices,
    openSource: (options) => devices.openSource(options),
    openTarget: (ref) => devices.openTarget(ref),
    openUdevDirectory: (path) => devices.openUdevDirectory(path),
    openDeviceDirectory: (path, owner) => devices.openDeviceDirectory(path, owner),
    openSysDirectory: (path, owner) => devices.openSysDirectory(path, owner),
    openDeviceRights: (cgroup) => devices.openDeviceRights(cgroup),
    udevRuns: () => devices.udevRuns(),
    openDirectory: (path, options) => linux.openDirectory(path, options),
    openShadow: (path) => devices.openShadow(path),
    openSender: () => linux.openSender(),
    openLedger: (path) => linux.openLedger(path),
  };
}

export interface Place extends Disposable {
  /** Where relays make their directories. */
  readonly runtimeDir: string;
  /** That of the container in which another relay runs. */
  readonly box: string;
}

/** Directories of a test's own. */
export function newPlace(): Place {
  const runtimeDir = mkdtempSync(join(tmpdir(), "uevent-bridge-nested-"));
  const box = join(runtimeDir, "box");
  mkdirSync(box, { mode: 0o700 });
  return {
    runtimeDir,
    box,
    [Symbol.dispose]: () => rmSync(runtimeDir, { recursive: true, force: true }),
  };
}
