import type { DeviceDirectory } from "./device-directory.js";
import type { DeviceRights } from "./device-rights.js";
import type { DeviceTree } from "./devices.js";
import type { DirectoryOptions, SocketDirectory } from "./directory.js";
import type { Ledger } from "./ledger.js";
import type { Sender } from "./sender.js";
import type { Shadow } from "./shadow.js";
import type { Source, SourceOptions } from "./source.js";
import type { SysDirectory } from "./sys-directory.js";
import type { Target, TargetRef } from "./target.js";
import type { UdevDirectory } from "./udev-directory.js";

/** What this project asks of the operating system. */
export interface Kernel {
  /** Names the time since this machine has started: incarnations of devices are told apart within it. */
  readonly boot: string;
  /** The devices of the host. */
  readonly devices: DeviceTree;
  /** Uevents as they are said in the caller's network namespace. @throws KernelError */
  openSource(options: SourceOptions): Source;
  /** @throws KernelError TARGET_GONE, TARGET_NO_NETNS, NO_PRIVILEGE */
  openTarget(ref: TargetRef): Target;
  /** @throws KernelError PATH_UNUSABLE: not a directory, not ours to use, or another relay holds it */
  openDirectory(path: string, options: DirectoryOptions): SocketDirectory;
  /**
   * Opens a directory for what a container's programs of libudev look for in `/run/udev`; makes it if need be, with mode 0755, and takes
   * out what a relay before left in it. @throws KernelError PATH_UNUSABLE
   */
  openUdevDirectory(path: string): UdevDirectory;
  /**
   * Opens a container's `/dev` in a directory of the host; makes that if need be. What a relay before left in it stays until
   * `forgetOthers`. @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD
   */
  openDeviceDirectory(path: string, owner: DirectoryOptions): DeviceDirectory;
  /**
   * Opens a container's `/sys` in a directory of the host; makes that if need be. What a relay before left in it stays until
   * `forgetOthers`. @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD
   */
  openSysDirectory(path: string, owner: DirectoryOptions): SysDirectory;
  /**
   * Says from now on what the programs of a cgroup may open, which is given by its directory.
   * @throws KernelError PATH_UNUSABLE: no cgroup, another relay says it already, or a program stands in the way; TARGET_SHARES_HOST: our
   * own or pid 1 is in it; NO_PRIVILEGE, KERNEL_TOO_OLD
   */
  openDeviceRights(cgroup: string): DeviceRights;
  /**
   * Opens the shadow whose holder listens at `path`, an absolute one; starts a holder if none does, and makes the directory if need be.
   * @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, ADDON_MISSING: the program is not installed, KERNEL_TOO_OLD
   */
  openShadow(path: string): Promise<Shadow>;
  openSender(): Sender;
  /** Opens the ledger at `path`, makes it if need be, with the directory that it is in. @throws KernelError PATH_UNUSABLE: not ours to use, no room, or another relay has it */
  openLedger(path: string): Ledger;
  /** True if udevd runs on the host. */
  udevRuns(): boolean;
}
