import { closeSync, constants, openSync, statfsSync } from "node:fs";

import type { DeviceRights } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { errnoOf } from "../errno.js";
import { orUndo } from "../undo.js";
import { ProgramRights } from "./program-rights.js";
import { isHeld, noCgroup, refusal } from "./refusal.js";

const CGROUP2_MAGIC = 0x63677270;
const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY;

/** @param path of a directory of a cgroup file system @throws KernelError */
export function openDeviceRights(addon: Addon, path: string): DeviceRights {
  const fd = openCgroup(path);
  return orUndo(
    () => {
      if (addon.lockFile(fd) < 0) throw isHeld(path); // a relay of the same machine
      return new ProgramRights({ addon, fd, path });
    },
    () => closeSync(fd),
  );
}

function openCgroup(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, FLAGS);
  } catch (cause) {
    throw refusal(path, "open", errnoOf(cause));
  }
  if (statfsSync(`/proc/self/fd/${fd}`).type === CGROUP2_MAGIC) return fd;
  closeSync(fd);
  throw noCgroup(path);
}
