import type { DeviceTree, Kernel, Source, SourceOptions } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import { loadAddon } from "./addon.js";
import type { Addon } from "./addon.js";
import { AttributeReader } from "./attributes.js";
import { openDeviceDirectory } from "./dev/device-directory.js";
import { Hand } from "./dev/hand.js";
import { SysfsDevices } from "./devices.js";
import { openDirectory } from "./directory.js";
import { Locks } from "./directory-lock.js";
import { ERRNO, systemError } from "./errno.js";
import { GROUPS } from "./groups.js";
import { Inotify } from "./inotify.js";
import { openKeptSource } from "./kept-source.js";
import { openLedger } from "./ledger.js";
import { MountTables } from "./mount-tables.js";
import { settingsOf } from "./options.js";
import type { LinuxOptions, Settings } from "./options.js";
import { readText } from "./read-text.js";
import { openCgroupRights } from "./rights/open-rights.js";
import { SocketSender } from "./sender.js";
import { openShadow } from "./shadow.js";
import { SocketSource } from "./source.js";
import { sweep } from "./sweep.js";
import { openSysDirectory } from "./sys/sys-directory.js";
import { MountedSysfs } from "./sysfs-root.js";
import { openTarget } from "./target.js";
import { openUdevDirectory } from "./udev-directory.js";
import { udevListens } from "./udev.js";

/** A source that also says what it left out. */
export interface LinuxSource extends Source {
  /** Datagrams so far that were longer than any program takes (8 KiB). */
  readonly truncated: number;
}

export interface LinuxKernel extends Kernel {
  openSource(options: SourceOptions): LinuxSource;
}

/**
 * The kernel of this machine. Nothing is opened before it is asked for.
 *
 * @throws KernelError ADDON_MISSING
 * @example
 * const kernel = openLinux();
 * const source = kernel.openSource({ group: "kernel", onBatch: (batch) => console.log(batch.count) });
 * source.resume();
 */
export function openLinux(options: LinuxOptions = {}): LinuxKernel {
  const addon = loadAddon();
  const settings = settingsOf(options);
  const attributes = new AttributeReader(addon);
  const openDevices = (): DeviceTree => new SysfsDevices(addon, new MountedSysfs(settings.sysfs), attributes, "own");
  let { keeper } = options;
  const openSource = ({ group, onBatch }: SourceOptions): LinuxSource => {
    const open = (): number => openUeventSocket(addon, GROUPS[group], settings);
    if (!keeper || group !== "kernel") return new SocketSource(addon, open(), onBatch);
    const keptBy = keeper;
    keeper = undefined; // there is one of them
    return openKeptSource(addon, keptBy, onBatch, open);
  };
  const [mounts, hand] = [new MountTables(addon), new Hand(addon)];
  const parts = {
    ...settings,
    addon,
    attributes,
    inotify: new Inotify(addon),
    locks: new Locks(addon, settings.lockDirectories, (home) => sweep({ addon, mounts, hand }, home)),
    mounts,
    hand,
    agent: options.agent,
    openOwnSource: openSource,
    openOwnDevices: openDevices,
  };
  const openSys: Kernel["openSysDirectory"] = (path, owner) => openSysDirectory(parts, path, owner);
  const tools = { ...parts, openSysDirectory: openSys };
  return {
    boot: readText("/proc/sys/kernel/random/boot_id").trim(),
    devices: openDevices(),
    openSource,
    openTarget: (ref) => openTarget(tools, ref),
    openUdevDirectory: (path) => openUdevDirectory(tools, path),
    openDirectory: (path, owner) => openDirectory(tools, path, owner),
    openDeviceDirectory: (path, owner) => openDeviceDirectory(tools, path, owner),
    openSysDirectory: openSys,
    openDeviceRights: (cgroup) => openCgroupRights(tools, cgroup),
    openShadow: (path) => openShadow(tools, path),
    openSender: () => new SocketSender(addon),
    openLedger: (path) => openLedger(addon, path),
    udevRuns: () => udevListens(addon),
  };
}

function openUeventSocket(addon: Addon, groups: number, { receiveBuffer }: Settings): number {
  const fd = addon.openUeventSocket(groups, receiveBuffer);
  if (fd >= 0) return fd;
  const cause = systemError("opening NETLINK_KOBJECT_UEVENT", fd);
  if (fd !== -ERRNO.EPERM && fd !== -ERRNO.EACCES) throw cause;
  throw new KernelError(
    "NO_PRIVILEGE",
    "the system does not let this process listen to the kernel's events",
    "let it open netlink sockets: a seccomp filter, a security module or a sandbox forbids it",
    { cause },
  );
}
