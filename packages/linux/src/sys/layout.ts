import { closeSync, constants, fstatSync, mkdirSync, openSync } from "node:fs";
import type { BigIntStats } from "node:fs";

import type { Addon } from "../addon.js";
import type { Hand } from "../dev/hand.js";
import { inside } from "../directory-above.js";
import { unusable } from "../directory-open.js";
import type { OpenedDirectory } from "../directory-open.js";
import type { MountTables } from "../mount-tables.js";
import { isMounted, leaveMount, MOUNT, noMount } from "../own-mount.js";
import { orUndo } from "../undo.js";
import { BARE_DIRECTORY } from "./skeleton.js";

/** What `Addon.cloneTree` makes. */
export const CLONE = { readOnly: 0, writable: 1, asItIs: 2 } as const;

/** In the file system: its bare directories and links, in which nothing is mounted … */
export const TREE = "tree";
/** … the same read-only, which the container has, and in which devices are mounted … */
export const SYS = "sys";
/** … where a device is put together with what is mounted in it, before it is shown … */
export const BENCH = "bench";
/** … and what lies over a device that is hidden. */
export const EMPTY = "empty";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export interface LayoutTools {
  readonly addon: Addon;
  readonly hand: Hand;
}

/**
 * Mounts the file system, or takes over what a relay left that was killed, or that a container kept; completes it if need be. Returns a
 * descriptor of it. @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD
 */
export function openLayout(tools: LayoutTools, opened: OpenedDirectory): number {
  const isOld = isMounted(opened.fd);
  if (!isOld) mountIn(tools.addon, opened);
  return orUndo(
    () => complete(tools, openSync(inside(opened.fd, MOUNT), DIRECTORY), opened.path),
    () => isOld || leaveLayout(tools.addon, opened),
  );
}

/** Unmounts it, with all that is mounted in it. */
export function leaveLayout(addon: Addon, { fd, path }: Pick<OpenedDirectory, "fd" | "path">): void {
  leaveMount(fd, () => check(addon.unmountTree(fd, MOUNT), path));
}

/** True if a container has it. */
export function isLayoutBound(mounts: MountTables, { fd }: OpenedDirectory): boolean {
  const sys = openSync(inside(fd, `${MOUNT}/${SYS}`), DIRECTORY);
  try {
    return mounts.isBound(sys);
  } finally {
    closeSync(sys);
  }
}

/** What is at a path below a directory; undefined if there is nothing, or a symlink is on the way: it is not followed. */
function statusBelow(addon: Addon, directory: number, path: string): BigIntStats | undefined {
  const place = addon.openTree(directory, path);
  if (place < 0) return undefined;
  try {
    return fstatSync(place, { bigint: true });
  } finally {
    closeSync(place);
  }
}

/** It is told apart from what its parent is mounted in beside ours, such as services: they do not get each device. */
function mountIn(addon: Addon, { fd, path }: OpenedDirectory): void {
  mkdirSync(inside(fd, MOUNT), { recursive: true, mode: 0o700 });
  orUndo(
    () => {
      check(addon.mountNodes(fd, MOUNT, 0), path);
      check(addon.shareTree(fd, MOUNT, 0), path);
    },
    () => leaveLayout(addon, { fd, path }),
  );
}

function complete({ addon, hand }: LayoutTools, fs: number, path: string): number {
  return orUndo(
    () => {
      while (addon.unmountTree(fs, BENCH) === 0); // a relay before this one was killed: first, for no mode can be set of what is mounted
      for (const name of [TREE, BENCH, EMPTY]) makeDirectory(hand, fs, name, path);
      check(addon.shareTree(fs, ".", 1), path);
      if (statusBelow(addon, fs, SYS)?.ino === statusBelow(addon, fs, TREE)?.ino) return fs;
      makeDirectory(hand, fs, SYS, path);
      mountReadOnly(addon, fs, path);
      return fs;
    },
    () => closeSync(fs),
  );
}

/** A root with all capabilities of the host comes to the whole file system by the handles of its files. */
function makeDirectory(hand: Hand, fs: number, name: string, path: string): void {
  try {
    hand.put(fs, fs, name, BARE_DIRECTORY);
  } catch (cause) {
    throw unusable(path, `${MOUNT}/${name} cannot be made in it`, "see what is in the way", cause);
  }
}

function mountReadOnly(addon: Addon, fs: number, path: string): void {
  const tree = check(addon.cloneTree(fs, TREE, CLONE.readOnly), path);
  try {
    check(addon.placeTree(tree, fs, SYS), path);
  } finally {
    closeSync(tree);
  }
}

function check(result: number, path: string): number {
  if (result >= 0) return result;
  throw noMount(path, result);
}
