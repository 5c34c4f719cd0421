import type { Words } from "@uevent-bridge/filter";
import type { Shown } from "@uevent-bridge/view";

import type { KnownDevice } from "./known-device.js";
import { numberOf } from "./snapshot.js";

const OCTAL = 8;

/** What a container is to have of a device that it sees; undefined if that has no node. `local`: its name there, if it is another one. */
export function shownOf(device: KnownDevice, words: Words, local?: string): Shown | undefined {
  const name = local ?? device.properties.get("DEVNAME");
  const number = numberOf(device);
  if (name === undefined || !number) return undefined;
  const { mode = modeOf(device), owner, access } = words;
  return { name, number, mode, owner, access };
}

/** What the kernel says of its node. */
function modeOf(device: KnownDevice): number | undefined {
  const mode = Number.parseInt(device.properties.get("DEVMODE") ?? "", OCTAL);
  return Number.isNaN(mode) ? undefined : mode;
}
