import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";

import { inside } from "../directory-above.js";
import type { DirectoryTools } from "../directory.js";
import { unusable } from "../directory-open.js";
import type { OpenedDirectory } from "../directory-open.js";
import { systemError } from "../errno.js";
import type { MountTables } from "../mount-tables.js";
import { leaveMount, MOUNT, noMount } from "../own-mount.js";
import { orUndo } from "../undo.js";

/** In the file system: what the container has … */
export const DEV = "dev";
/** … and what it has not. */
const WORKSHOP = "workshop";
const PART_MODE = 0o755;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

type MountTools = Pick<DirectoryTools, "addon" | "mounts">;

/** Read-only, so that the root of a user namespace can make no copy of it writable, whoever binds it in. */
export function mountDevices({ addon, mounts }: MountTools, { fd, path }: OpenedDirectory): void {
  mkdirSync(inside(fd, MOUNT), { recursive: true, mode: 0o700 });
  const result = addon.mountNodes(fd, MOUNT, 1);
  mounts.forget();
  if (result >= 0) return;
  unmountDevices({ addon, mounts }, fd);
  throw noMount(path, result);
}

/** What the container has, and the workshop, both so that they can be written. */
export function openParts({ addon }: MountTools, { fd, path }: OpenedDirectory): [dev: number, workshop: number] {
  const fs = addon.openNodes(fd, MOUNT);
  if (fs < 0) throw noMount(path, fs);
  try {
    const dev = openPart(fs, DEV);
    return [
      dev,
      orUndo(
        () => openPart(fs, WORKSHOP),
        () => closeSync(dev),
      ),
    ];
  } catch (cause) {
    throw unusable(path, "something else is mounted there", `unmount ${join(path, MOUNT)}`, cause);
  } finally {
    closeSync(fs);
  }
}

/** True if a container has it. Asks of what is mounted for all to see: what is written through is found by nobody. */
export function areDevicesBound(mounts: MountTables, { fd }: OpenedDirectory): boolean {
  const dev = openSync(inside(fd, `${MOUNT}/${DEV}`), DIRECTORY);
  try {
    return mounts.isBound(dev);
  } finally {
    closeSync(dev);
  }
}

/** One that is as it should be is not written to: a container that has it already may hold it up. */
function openPart(fs: number, name: string): number {
  const path = inside(fs, name);
  if (!existsSync(path)) mkdirSync(path);
  const part = openSync(path, DIRECTORY);
  orUndo(
    () => {
      if ((fstatSync(part).mode & 0o7777) !== PART_MODE) fchmodSync(part, PART_MODE); // whatever the umask is
      if (name === WORKSHOP) for (const left of readdirSync(path)) unlinkSync(join(path, left)); // a relay before this one was killed
    },
    () => closeSync(part),
  );
  return part;
}

export function unmountDevices({ addon, mounts }: MountTools, fd: number): void {
  leaveMount(fd, () => {
    const result = addon.unmountNodes(fd, MOUNT);
    if (result < 0) throw systemError("unmounting a tmpfs", result);
    mounts.forget();
  });
}
