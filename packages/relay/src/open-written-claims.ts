import type { Kernel } from "@uevent-bridge/kernel";

import type { ClaimRecord } from "./claim-record.js";
import type { Core } from "./core.js";
import type { BridgeError } from "./errors.js";
import type { KnownDevice } from "./known-device.js";
import { WrittenClaims } from "./written-claims.js";

/** Has a relay heed what is written in a directory, and write there what its containers hold. @throws BridgeError PATH_UNUSABLE */
export function openWrittenClaims(
  path: string,
  { boot, devices }: Kernel,
  core: Core,
  onWarning: (warning: BridgeError) => void,
): WrittenClaims {
  const written = new WrittenClaims({
    path,
    boot,
    deviceOf: (claim) => deviceOf(claim, core),
    incarnationAt: (devpath) => devices.incarnation(devpath),
    onChange: () => {
      core.selection.claims.heed();
      core.flush();
    },
    onWarning: (warning) => setImmediate(onWarning, warning), // who opens the relay has not had the time to listen yet
  });
  core.selection.use(written);
  return written;
}

function deviceOf({ devpath, incarnation }: ClaimRecord, { feeds }: Core): KnownDevice | undefined {
  const { tree } = feeds.host.registry;
  const there = tree.get(devpath);
  if (there?.incarnation === incarnation) return there;
  for (const device of tree.devices()) if (device.incarnation === incarnation) return device; // it has moved
  return undefined;
}
