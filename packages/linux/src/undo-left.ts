import { existsSync } from "node:fs";

import type { DeviceDirectory, DirectoryOptions, Left, SysDirectory } from "@uevent-bridge/kernel";

import { openDeviceDirectory } from "./dev/device-directory.js";
import { placeDevices, placeSys } from "./place.js";
import type { Place } from "./place.js";
import { isPlaceable } from "./placed-note.js";
import { undoRights } from "./rights/open-rights.js";
import type { TargetTools } from "./target-tools.js";

/** Undoes what a relay that was killed has left: it is taken over, and let go of at once. @throws KernelError */
export async function undoLeft(
  tools: TargetTools,
  place: Place,
  { dev, sys, rights }: Left,
  owner: DirectoryOptions,
): Promise<void> {
  if (rights) undoRights(tools, place.pid);
  if (dev !== undefined && existsSync(dev)) {
    await letGo(openDeviceDirectory(tools, dev, owner), (directory) => placeDevices(place, directory));
  }
  if (sys !== undefined && existsSync(sys)) {
    await letGo(tools.openSysDirectory(sys, owner), (directory) => placeSys(place, directory));
  }
}

/** @param placed resolves to how it is taken away from where it was put */
async function letGo<T extends DeviceDirectory | SysDirectory>(
  directory: T,
  placed: (directory: T) => Promise<(() => Promise<void>) | undefined>,
): Promise<void> {
  try {
    if (isPlaceable(directory) && directory.placed.left) await (await placed(directory))?.();
  } finally {
    directory.close();
  }
}
