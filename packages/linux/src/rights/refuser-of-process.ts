import type { Target } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { noPid, noProcess } from "../errors.js";
import { cgroupsOf, hierarchies } from "./cgroups.js";
import type { ProcessCgroups } from "./cgroups.js";
import { refuserByList } from "./device-list.js";
import { refuserAt } from "./open-rights.js";
import { unreachable } from "./refusal.js";

/**
 * Says who keeps a process from opening a device, in a few words: what both hierarchies say of its cgroup, whoever says it. It is looked
 * at, and neither locked nor changed. What is returned throws KernelError TARGET_GONE, NO_PRIVILEGE, PATH_UNUSABLE.
 */
export function refuserOfProcess(addon: Addon, pid: number | undefined, hasEnded: () => boolean): Target["refusedBy"] {
  let mounts: ProcessCgroups | undefined; // read once: there may be thousands of others, and many devices are asked about
  return (...device) => {
    if (pid === undefined) throw noPid();
    try {
      const { unified, devices } = cgroupsOf(pid, (mounts ??= hierarchies()));
      const refuser = refuserByList(devices, ...device) ?? refuserAt(addon, unified, ...device);
      if (!hasEnded()) return refuser;
    } catch (error) {
      if (!hasEnded()) throw unreachable(pid, error);
    }
    throw noProcess(pid, `process ${pid} has ended`);
  };
}
