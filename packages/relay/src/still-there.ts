import type { DeviceTree } from "@uevent-bridge/kernel";

import { troubleOf } from "./errors.js";
import type { KnownDevice } from "./known-device.js";

/** Whether the very same device is at a path. What the system refuses to show now counts as there: if it has gone, an event will say so. */
export function isStillThere(devices: DeviceTree, devpath: string, { incarnation }: KnownDevice): boolean {
  try {
    return devices.incarnation(devpath) === incarnation;
  } catch (error) {
    troubleOf(error);
    return true;
  }
}
