import { readFileSync } from "node:fs";

import type { Kernel, RawDevice } from "@uevent-bridge/kernel";
import type { Ability, KnownDevices } from "@uevent-bridge/kernel/contract";

const ATTRIBUTES = ["dev", "modalias", "vendor", "type", "name"]; // that do not change

/** A device that this machine has, as deep in the tree as there is one. */
export async function knownDevices(kernel: Kernel): Promise<Ability<KnownDevices>> {
  const devices = await kernel.devices.enumerate();
  const deepestFirst = [...devices].sort((a, b) => depth(b, devices) - depth(a, devices));
  for (const { devpath, subsystem } of deepestFirst) {
    const attribute = ATTRIBUTES.map((name) => ({ name, value: read(`/sys${devpath}/${name}`) })).find(
      ({ value }) => value,
    );
    if (attribute) return { devpath, subsystem, attribute, ...UNABLE };
  }
  return { missing: "no device here has an attribute that is known to stay" };
}

const UNABLE = {
  stuck: { missing: "no attribute of this machine never answers" },
  udev: { missing: "no udevd runs here" },
};

/** How many of a device's ancestors are devices. */
function depth({ devpath }: RawDevice, devices: readonly RawDevice[]): number {
  return devices.filter((other) => devpath.startsWith(`${other.devpath}/`)).length;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1").replace(/\n$/, "");
  } catch {
    return "";
  }
}
