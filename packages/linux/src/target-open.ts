import { closeSync } from "node:fs";

import type { TargetRef } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { ERRNO, codeOf, isShortage, systemError } from "./errno.js";
import { openNetns, openOwner, rootOfProcess, rootOfUserns, inodeOf } from "./namespaces.js";
import type { Owner, Root } from "./namespaces.js";
import { mayNot, noNetns, noProcess, tooOld } from "./errors.js";
import { orUndo } from "./undo.js";

const PID_MAX = 2 ** 31 - 1;
const NO_FD = -1;

/** A container's namespaces, open. */
export interface OpenedTarget {
  readonly ref: TargetRef;
  readonly pidfd: number; // -1 for a path
  readonly netns: number;
  readonly owner: Owner;
  readonly root: Root;
  readonly user: Pick<Root, "uid" | "gid" | "maps">;
}

/** @throws KernelError TARGET_GONE, TARGET_NO_NETNS, NO_PRIVILEGE, KERNEL_TOO_OLD */
export function openTargetParts(addon: Addon, ref: TargetRef): OpenedTarget {
  return ref.pid === undefined ? openByPath(addon, ref) : openByPid(addon, ref.pid);
}

/** Closes all descriptors of a target. */
export function closeTargetParts({ pidfd, netns, owner }: Pick<OpenedTarget, "pidfd" | "netns" | "owner">): void {
  for (const fd of [pidfd, netns, owner.fd]) if (fd >= 0) closeSync(fd);
}

/** Its pidfd comes first and is asked last: what was read in between is of that very process, and not of a later one with its number. */
function openByPid(addon: Addon, pid: number): OpenedTarget {
  const pidfd = openProcess(addon, pid);
  return orUndo(
    () => {
      const parts = readProcess(addon, pid, pidfd);
      if (addon.processHasEnded(pidfd) === 0) return parts;
      closeTargetParts({ ...parts, pidfd: NO_FD });
      throw noProcess(pid, `process ${pid} has ended`);
    },
    () => closeSync(pidfd),
  );
}

function openProcess(addon: Addon, pid: number): number {
  if (!Number.isInteger(pid) || pid < 1 || pid > PID_MAX) throw noProcess(pid, `${pid} is no process id`);
  const pidfd = addon.openProcess(pid);
  if (pidfd >= 0) return pidfd;
  if (pidfd === -ERRNO.ENOSYS) throw tooOld("hold a process", "5.3", systemError("pidfd_open", pidfd));
  const cause = systemError("pidfd_open", pidfd);
  if (isShortage(cause) || pidfd === -ERRNO.EPERM) throw cause;
  throw noProcess(pid, pidfd === -ERRNO.EINVAL ? `${pid} is a thread and no process` : `there is no process ${pid}`);
}

function readProcess(addon: Addon, pid: number, pidfd: number): OpenedTarget {
  try {
    const netns = openNetns(addon, `/proc/${pid}/ns/net`) ?? NO_FD;
    return orUndo(
      () => describe(addon, { pid }, netns, pidfd),
      () => closeSync(netns),
    );
  } catch (cause) {
    if (addon.processHasEnded(pidfd) !== 0) throw noProcess(pid, `process ${pid} has ended`);
    throw cause instanceof KernelError || isShortage(cause) ? cause : mayNot({ pid }, "look at", cause);
  }
}

function openByPath(addon: Addon, ref: TargetRef & { netns: string }): OpenedTarget {
  const netns = openPath(addon, ref.netns);
  return orUndo(
    () => {
      try {
        return describe(addon, ref, netns, NO_FD);
      } catch (cause) {
        throw cause instanceof KernelError || isShortage(cause) ? cause : mayNot(ref, "look into", cause);
      }
    },
    () => closeSync(netns),
  );
}

function openPath(addon: Addon, path: string): number {
  try {
    const fd = openNetns(addon, path);
    if (fd !== undefined) return fd;
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "EACCES" || code === "EPERM") throw mayNot({ netns: path }, "open", cause);
    throw noNetns(path, code === "ENOENT" ? "nothing is there" : `the system says ${code}`, cause);
  }
  throw noNetns(path, "it is something else");
}

function describe(addon: Addon, ref: TargetRef, netns: number, pidfd: number): OpenedTarget {
  const owner = openOwner(addon, netns);
  return orUndo(
    () => {
      const user = ref.pid === undefined ? undefined : rootOfProcess(ref.pid);
      const isOwners = ref.pid !== undefined && inodeOf(`/proc/${ref.pid}/ns/user`) === owner.inode;
      const root = user && isOwners ? user : rootOfUserns(addon, owner);
      return { ref, pidfd, netns, owner, root, user: user ?? root };
    },
    () => {
      if (owner.fd >= 0) closeSync(owner.fd);
    },
  );
}
