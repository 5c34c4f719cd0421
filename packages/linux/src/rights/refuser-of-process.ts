import type { DeviceRights } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { noProcess } from "../errors.js";
import { cgroupsOf } from "./cgroups.js";
import { refuserByList } from "./device-list.js";
import { refuserAt } from "./open-rights.js";

/**
 * Who keeps a process from opening a device, in a few words: what both hierarchies say of its cgroup, whoever says it. It is looked at, and
 * neither locked nor changed. @throws KernelError TARGET_GONE, NO_PRIVILEGE
 */
export function refuserOfProcess(
  addon: Addon,
  pid: number,
  device: Parameters<DeviceRights["refusedBy"]>,
  hasEnded: () => boolean,
): string | undefined {
  try {
    const { unified, devices } = cgroupsOf(pid);
    const refuser = refuserByList(devices, ...device) ?? refuserAt(addon, unified, ...device);
    if (!hasEnded()) return refuser;
  } catch (error) {
    if (!hasEnded()) throw error;
  }
  throw noProcess(pid, `process ${pid} has ended`);
}
