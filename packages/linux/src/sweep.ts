import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import type { Addon } from "./addon.js";
import type { Hand } from "./dev/hand.js";
import { forgetGone } from "./dev/left-notes.js";
import { areDevicesBound, unmountDevices } from "./dev/mounted-devices.js";
import { isThereByHand, removeByHand } from "./by-hand.js";
import { leaveLocked, lockName, MADE } from "./directory-lock.js";
import type { OpenedDirectory } from "./directory-open.js";
import { aboutOf, lockFile } from "./file-lock.js";
import type { FileLock } from "./file-lock.js";
import type { MountTables } from "./mount-tables.js";
import { isMounted } from "./own-mount.js";
import { isLayoutBound, leaveLayout } from "./sys/layout.js";
import { orUndo } from "./undo.js";

const SWEEP_MS = 1000; // then the rest is the next relay's
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

interface Tools {
  readonly addon: Addon;
  readonly mounts: MountTables;
  readonly hand: Hand;
}

interface Kind {
  /** Takes out what is in it, unless a container has it. */
  readonly leave: (tools: Tools, opened: OpenedDirectory) => void;
  /** Programs of a container may hold it up. */
  readonly isByHand: boolean;
}

/** By the name of what it is in: those are the relay's own. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  [".dev", { leave: leaveDev, isByHand: false }],
  [".sys", { leave: leaveSys, isByHand: false }],
  [".udev", { leave: leaveUdev, isByHand: true }],
]);

/**
 * Removes what relays left that were killed, as far as it is of no use to the next one: locks of directories that are there no longer, and
 * directories for a container's `/dev`, `/sys` and `/run/udev` that no container has, with what is mounted there.
 * @param home where locks are
 */
export function sweep(tools: Tools, home: string): void {
  const end = performance.now() + SWEEP_MS;
  tools.hand.hold();
  for (const name of namesIn(home)) {
    if (performance.now() > end) break;
    try {
      sweepLock(tools, home, name);
    } catch {
      // it went meanwhile, or cannot be looked at: it is in nobody's way
    }
  }
  tools.hand.letGo();
}

/** None if it cannot be read: what is there is the next relay's. */
function namesIn(home: string): readonly string[] {
  try {
    return readdirSync(home);
  } catch {
    return [];
  }
}

function sweepLock(tools: Tools, home: string, name: string): void {
  const file = join(home, name);
  const about = aboutOf(file) ?? "";
  if (about === "" && lstatSync(file).size > 0) return; // not ours; what is empty is a lock that could not be taken
  const kind = KINDS.get(basename(dirname(about)));
  const isThere = isStillThere(tools, name, about, kind);
  if (isThere && !kind) return;
  const lock = lockFile(tools.addon, file, about, true);
  if (!("release" in lock)) return;
  if (!isThere || !kind) return lock.release();
  orUndo(
    () => sweepDirectory(tools, { name, about, lock, kind }),
    () => lock.release(true),
  );
}

/** @throws Error ETIMEDOUT: what it is in is held up */
function isStillThere({ hand }: Tools, name: string, about: string, kind: Kind | undefined): boolean {
  if (kind?.isByHand && !isThereByHand(hand, about)) return false;
  const there = lstatSync(about, { bigint: true, throwIfNoEntry: false });
  return there !== undefined && lockName(there) === name;
}

interface Left {
  readonly name: string;
  readonly about: string;
  readonly lock: FileLock;
  readonly kind: Kind;
}

function sweepDirectory(tools: Tools, { name, about, lock, kind }: Left): void {
  const fd = openSync(about, DIRECTORY);
  const isIt = orUndo(
    () => lockName(fstatSync(fd, { bigint: true })) === name,
    () => closeSync(fd),
  );
  const opened = { path: about, fd, made: isIt && lock.left.startsWith(MADE) };
  const remove = kind.isByHand ? () => removeByHand(tools.hand, opened) : undefined;
  const isLeft = opened.made && hasLeft(tools, opened, kind);
  leaveLocked({ opened: { ...opened, made: isLeft }, lock }, tools.mounts, remove);
}

/** False if that was held up, or something else is there. */
function hasLeft(tools: Tools, opened: OpenedDirectory, { leave }: Kind): boolean {
  try {
    leave(tools, opened);
    return true;
  } catch {
    return false;
  }
}

function leaveDev(tools: Tools, opened: OpenedDirectory): void {
  if (!isMounted(opened.fd) || !areDevicesBound(tools.mounts, opened)) unmountDevices(tools, opened.fd);
  forgetGone(tools, opened.fd);
}

function leaveSys({ addon, mounts }: Tools, opened: OpenedDirectory): void {
  if (!isMounted(opened.fd) || !isLayoutBound(mounts, opened)) leaveLayout(addon, opened);
}

function leaveUdev({ mounts, hand }: Tools, { fd }: OpenedDirectory): void {
  if (!mounts.isBound(fd)) hand.empty(fd);
}
