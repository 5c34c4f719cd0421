import { constants, fstatSync, lstatSync, openSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import type { Addon } from "./addon.js";
import type { Hand } from "./dev/hand.js";
import { forgetGone } from "./dev/left-notes.js";
import { areDevicesBound, unmountDevices } from "./dev/mounted-devices.js";
import { leaveLocked, lockName, MADE } from "./directory-lock.js";
import type { OpenedDirectory } from "./directory-open.js";
import { aboutOf, lockFile } from "./file-lock.js";
import type { FileLock } from "./file-lock.js";
import type { MountTables } from "./mount-tables.js";
import { isMounted } from "./own-mount.js";
import { isLayoutBound, leaveLayout } from "./sys/layout.js";

const SWEEP_MS = 1000; // then the rest is the next relay's
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

interface Tools {
  readonly addon: Addon;
  readonly mounts: MountTables;
  readonly hand: Hand;
}

type Leave = (tools: Tools, opened: OpenedDirectory) => void;

/** How what is in a directory is taken out that no container has, by the name of what it is in: those are the relay's own. */
const LEAVE: ReadonlyMap<string, Leave> = new Map([
  [".dev", leaveDev],
  [".sys", leaveSys],
  [".udev", leaveUdev],
]);

/**
 * Removes what relays left that were killed, as far as it is of no use to the next one: locks of directories that are there no longer, and
 * directories for a container's `/dev`, `/sys` and `/run/udev` that no container has, with what is mounted there.
 * @param home where locks are
 */
export function sweep(tools: Tools, home: string): void {
  const end = performance.now() + SWEEP_MS;
  for (const name of readdirSync(home)) {
    if (performance.now() > end) return;
    try {
      sweepLock(tools, home, name);
    } catch {
      // it went meanwhile, or cannot be looked at: it is in nobody's way
    }
  }
}

function sweepLock(tools: Tools, home: string, name: string): void {
  const file = join(home, name);
  const about = aboutOf(file);
  if (about === undefined) return;
  const there = lstatSync(about, { bigint: true, throwIfNoEntry: false });
  const isThere = there !== undefined && lockName(there) === name;
  const leave = LEAVE.get(basename(dirname(about)));
  if (isThere && !leave) return;
  const lock = lockFile(tools.addon, file, about, true);
  if (!("release" in lock)) return;
  if (isThere && leave) sweepDirectory(tools, { name, about, lock, leave });
  else lock.release();
}

interface Left {
  readonly name: string;
  readonly about: string;
  readonly lock: FileLock;
  readonly leave: Leave;
}

function sweepDirectory(tools: Tools, { name, about, lock, leave }: Left): void {
  const fd = openSync(about, DIRECTORY);
  const isIt = lockName(fstatSync(fd, { bigint: true })) === name;
  const opened = { path: about, fd, made: isIt && lock.left.startsWith(MADE) };
  try {
    if (opened.made) leave(tools, opened);
  } finally {
    leaveLocked({ opened, lock }, tools.mounts);
  }
}

function leaveDev(tools: Tools, opened: OpenedDirectory): void {
  if (isMounted(opened.fd) && !areDevicesBound(tools.mounts, opened)) unmountDevices(tools, opened.fd);
  forgetGone(tools, opened.fd);
}

function leaveSys({ addon, mounts }: Tools, opened: OpenedDirectory): void {
  if (isMounted(opened.fd) && !isLayoutBound(mounts, opened)) leaveLayout(addon, opened);
}

function leaveUdev({ mounts, hand }: Tools, { fd }: OpenedDirectory): void {
  if (mounts.isBound(fd)) return;
  hand.hold();
  try {
    hand.empty(fd);
  } finally {
    hand.letGo();
  }
}
