import { closeSync, constants, fstatSync, openSync, statSync, statfsSync } from "node:fs";

import type { Addon } from "./addon.js";
import { ERRNO, systemError } from "./errno.js";
import { noIds } from "./errors.js";
import { O_PATH } from "./flags.js";
import { insideOf, rootOf } from "./id-map.js";
import { readText } from "./read-text.js";
import { orUndo } from "./undo.js";

const NSFS_MAGIC = 0x6e736673;
const CLONE_NEWNET = 0x40000000;
const INITIAL_USERNS = 0xeffffffdn; // its inode, the same on every machine: PROC_USER_INIT_INO

/** Whose ids these are outside, and as which uid that one is known inside. */
export interface Root {
  readonly uid: number;
  readonly gid: number;
  readonly seenAs: number;
  readonly maps: IdMaps;
}

/** As `/proc/PID/uid_map` and `gid_map` have them. */
export interface IdMaps {
  readonly uids: string;
  readonly gids: string;
}

const ALL = "0 0 4294967295"; // each id is the same outside
const OURS: Root = { uid: 0, gid: 0, seenAs: 0, maps: { uids: ALL, gids: ALL } };

/** The user namespace that owns a network namespace. */
export interface Owner {
  /** -1 if it is above ours, where we may do nothing. */
  readonly fd: number;
  readonly initial: boolean;
  readonly inode: bigint;
}

/** Opens a network namespace by a path; undefined if it is something else. Nothing but its place is opened before that is known. */
export function openNetns(addon: Addon, path: string): number | undefined {
  const place = openSync(path, O_PATH);
  try {
    if (statfsSync(`/proc/self/fd/${place}`).type !== NSFS_MAGIC) return undefined;
    const fd = openSync(`/proc/self/fd/${place}`, constants.O_RDONLY);
    if (addon.namespaceType(fd) === CLONE_NEWNET) return fd;
    closeSync(fd);
    return undefined;
  } finally {
    closeSync(place);
  }
}

export function inodeOf(namespace: number | string): bigint {
  return (
    typeof namespace === "number" ? fstatSync(namespace, { bigint: true }) : statSync(namespace, { bigint: true })
  ).ino;
}

/** What a mount namespace is known by: a number that no other has; where the kernel gives none, its inode, which the next one may have. */
export function mountNamespaceId(addon: Addon, fd: number): bigint {
  return addon.mountNamespaceId(fd) || inodeOf(fd);
}

export function openOwner(addon: Addon, netns: number): Owner {
  const fd = addon.namespaceOwner(netns);
  if (fd === -ERRNO.EPERM) return { fd: -1, initial: true, inode: INITIAL_USERNS }; // above ours: what it says of us holds for the initial one
  if (fd < 0) throw systemError("NS_GET_USERNS", fd);
  const inode = orUndo(
    () => inodeOf(fd),
    () => closeSync(fd),
  );
  return { fd, inode, initial: inode === INITIAL_USERNS };
}

/** Uid 0 and gid 0 of a process's user namespace, as ids of ours. @throws KernelError NO_PRIVILEGE: it has none yet */
export function rootOfProcess(pid: number): Root {
  return isOurUserns(inodeOf(`/proc/${pid}/ns/user`)) ? OURS : readMaps(pid);
}

/** The same for a namespace that no process is known of. @throws Error */
export function rootOfUserns(addon: Addon, { fd, inode, initial }: Owner): Root {
  return initial || isOurUserns(inode) ? OURS : fromWithin(addon, fd, readMaps);
}

/** Reads what /proc says of a process of a user namespace, of which none may be known: a child of ours enters it for that moment. @throws Error */
export function fromWithin<T>(addon: Addon, userns: number, read: (pid: number) => T): T {
  const held = addon.holdUserns(userns);
  if (typeof held === "number") throw systemError("entering the user namespace", held);
  const [pid, leash] = held;
  try {
    return read(pid);
  } finally {
    addon.releaseUserns(pid, leash);
  }
}

function readMaps(pid: number): Root {
  const [uids = "", gids = ""] = ["uid_map", "gid_map"].map((map) => readText(`/proc/${pid}/${map}`));
  const [uid, gid, seenAs] = [rootOf(uids), rootOf(gids), insideOf(uids)];
  if (uid === undefined || gid === undefined || seenAs === undefined) throw noIds(pid);
  return { uid, gid, seenAs, maps: { uids, gids } };
}

function isOurUserns(inode: bigint): boolean {
  return inode === inodeOf("/proc/self/ns/user");
}
