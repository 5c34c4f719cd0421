import type { DeviceRights, Kernel, Ledger, Left, SocketDirectory, SysDirectory, Target } from "@uevent-bridge/kernel";

import type { ContainerOptions } from "./delivery-options.js";
import { saysUdev } from "./container-target.js";
import { openDevicePlace } from "./device-place.js";
import type { DevicePlace } from "./device-place.js";
import type { BridgeError } from "./errors.js";
import { troubleOf } from "./errors.js";
import type { AttachOptions } from "./types.js";

/** Where the directories of containers are made, and by whom. */
export interface Place {
  readonly kernel: Kernel;
  readonly runtimeDir: string;
  /** Where what lasts longer than a relay is written down; false: nowhere. */
  readonly stateDir: string | false;
}

/** What a container has on the host, open: all of it, or nothing. @throws KernelError */
export function openParts(
  place: Place,
  options: AttachOptions,
  target: Target | undefined,
): Omit<ContainerOptions, "shadow"> {
  const { name, coldplug = true, deliver = { socket: true, netlink: "auto" } } = options;
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void } | "auto" | undefined>(part: T): T => {
    if (typeof part === "object") opened.push(part);
    return part;
  };
  const keepDevices = (devices: DevicePlace | undefined) => (keep(devices?.directory), devices);
  try {
    const openUdevDirectory = () => place.kernel.openUdevDirectory(ownPath(place.runtimeDir, ".udev", name));
    return {
      name,
      coldplug,
      deliver,
      openUdevDirectory,
      unwanted: unwanted(place.runtimeDir, options),
      directory: keep(openDirectory(place, name, deliver.socket, target)),
      udevDirectory: keep(saysUdev(deliver.netlink) ? openUdevDirectory() : undefined),
      devices: keepDevices(openDevices(place, options, target)),
      sysDirectory: keep(openSysDirectory(place, options, target)),
      rights: keep(openRights(place, options)),
      ledger: openLedger(place, name), // the last: it throws nothing
    };
  } catch (error) {
    for (const part of opened) part.close();
    throw error;
  }
}

/** A container whose relay cannot write is told all the same. */
function openLedger({ kernel, stateDir }: Place, name: string): Ledger | BridgeError | undefined {
  if (stateDir === false) return undefined;
  try {
    return kernel.openLedger(`${stateDir}/.told/${name}`);
  } catch (error) {
    return troubleOf(error);
  }
}

function openDirectory(
  { kernel, runtimeDir }: Place,
  name: string,
  socket: NonNullable<AttachOptions["deliver"]>["socket"],
  target: Target | undefined,
): SocketDirectory | undefined {
  if (socket === undefined || socket === false) return undefined;
  if (typeof socket === "object") return kernel.openDirectory(socket.dir, socket);
  return kernel.openDirectory(typeof socket === "string" ? socket : `${runtimeDir}/${name}`, ownerFor(target));
}

function openDevices(
  place: Place,
  { name, dev = "off" }: AttachOptions,
  target: Target | undefined,
): DevicePlace | undefined {
  if (dev === "off") return undefined;
  const isAuto = dev === "auto";
  const path = isAuto ? ownPath(place.runtimeDir, ".dev", name) : dev;
  return openDevicePlace(place.kernel, path, ownerFor(target), isAuto ? target : undefined);
}

function openSysDirectory(
  place: Place,
  { name, sysfs = "off" }: AttachOptions,
  target: Target | undefined,
): SysDirectory | undefined {
  if (sysfs === "off") return undefined;
  return place.kernel.openSysDirectory(
    sysfs === "auto" ? ownPath(place.runtimeDir, ".sys", name) : sysfs,
    ownerFor(target),
  );
}

function openRights({ kernel }: Place, { cgroup = "off" }: AttachOptions): DeviceRights | "auto" | undefined {
  if (cgroup === "off") return undefined;
  return cgroup === "auto" ? "auto" : kernel.openDeviceRights(cgroup);
}

/** What it is not to have, though a relay before may have given it that. */
function unwanted(runtimeDir: string, { name, dev, sysfs, cgroup = "off" }: AttachOptions): Left {
  return {
    dev: dev === "auto" ? undefined : ownPath(runtimeDir, ".dev", name),
    sys: sysfs === "auto" ? undefined : ownPath(runtimeDir, ".sys", name),
    rights: cgroup === "off",
  };
}

/** Only root can give a directory away. */
export function ownerFor(target: Target | undefined): { readonly uid: number; readonly gid: number } {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return own.uid === 0 && target ? target.user : own;
}

/** No name of a container begins with a dot. */
function ownPath(runtimeDir: string, kind: ".udev" | ".dev" | ".sys", name: string): string {
  return `${runtimeDir}/${kind}/${name}`;
}
