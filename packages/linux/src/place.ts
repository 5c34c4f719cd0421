import { closeSync, constants, openSync } from "node:fs";

import type { Target, UdevDirectory } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { ERRNO, errnoName, errnoOf, systemError } from "./errno.js";
import { inodeOf } from "./namespaces.js";
import { noProcess, tooOld } from "./errors.js";
import { DatabaseDirectory } from "./udev-directory.js";
import { pipeAnswer } from "./pipe-answer.js";

const NAME = "udev"; // below /run
const ANSWER_SIZE = 4; // bytes
const ANSWER_MS = 2000; // file systems of a container may never answer
const NOTHING_TO_DO = 1;
const SOURCE_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A running container in which a directory of the host is to be found. */
export interface Place {
  readonly addon: Addon;
  readonly pid: number;
  readonly pidfd: number;
  /** Whose what is made there becomes. */
  readonly user: Target["user"];
}

/** @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, KERNEL_TOO_OLD */
export async function placeUdev(place: Place, directory: UdevDirectory): Promise<(() => Promise<void>) | undefined> {
  const source = openSource(place.pid, directory.path);
  const mntns = openMountNamespace(place, source);
  if (mntns === undefined) return undefined;
  const close = (): void => [source, mntns].forEach((fd) => closeSync(fd));
  const note = noteIn(directory, inodeOf(mntns));
  const result = await ask(place, mntns, source, false);
  if (result === 0 || (result === NOTHING_TO_DO && note.isKnown))
    return async () => void (await ask(place, mntns, source, true).finally(close));
  note.forget();
  close();
  if (result === NOTHING_TO_DO) return undefined;
  throw refusal(place.pid, result);
}

/** `isKnown`: a relay before this one has placed it there, and was killed before it took it away. */
function noteIn(directory: UdevDirectory, mntns: bigint): { readonly isKnown: boolean; forget(): void } {
  if (!(directory instanceof DatabaseDirectory)) return { isKnown: false, forget: () => {} };
  directory.notePlaced(mntns);
  return { isKnown: directory.placedIn === mntns, forget: () => directory.forgetPlaced() };
}

function openSource(pid: number, path: string): number {
  try {
    return openSync(path, SOURCE_FLAGS);
  } catch (cause) {
    throw refusal(pid, errnoOf(cause));
  }
}

/** Undefined if it is our own, in which nothing is mounted for a container. */
function openMountNamespace({ addon, pid, pidfd }: Place, source: number): number | undefined {
  let mntns: number;
  try {
    mntns = openSync(`/proc/${pid}/ns/mnt`, "r");
  } catch (cause) {
    closeSync(source);
    throw addon.processHasEnded(pidfd) === 0
      ? refusal(pid, errnoOf(cause))
      : noProcess(pid, `process ${pid} has ended`);
  }
  const hasEnded = addon.processHasEnded(pidfd) !== 0; // then it may be another's, which has its number now
  if (!hasEnded && inodeOf(mntns) !== inodeOf("/proc/self/ns/mnt")) return mntns;
  for (const fd of [mntns, source]) closeSync(fd);
  if (hasEnded) throw noProcess(pid, `process ${pid} has ended`);
  return undefined;
}

/** 0, 1 or -errno. */
async function ask({ addon, user }: Place, mntns: number, source: number, takeAway: boolean): Promise<number> {
  const pipe = addon.startPlacing(mntns, source, NAME, user.uid, user.gid, takeAway ? 1 : 0);
  if (pipe < 0) return pipe;
  const answer = await pipeAnswer(addon, pipe, ANSWER_SIZE, ANSWER_MS);
  if (!answer) return -ERRNO.ETIMEDOUT;
  return answer.length === ANSWER_SIZE ? answer.readInt32LE() : -ERRNO.EIO;
}

/** What is wrong with a container's `/run`. */
const RUN: Readonly<Record<number, string>> = {
  [ERRNO.ENOENT]: "is missing",
  [ERRNO.ENOTDIR]: "is no directory",
  [ERRNO.ELOOP]: "is a symlink, or its udev",
  [ERRNO.ETIMEDOUT]: "does not answer",
  [ERRNO.EBUSY]: "is the host's",
};

function refusal(pid: number, result: number): KernelError {
  const cause = systemError("mounting /run/udev", result);
  const what = `/run/udev cannot be put into the container of pid ${pid}`;
  const engine = "have its engine bind it in: it is one of the container's mounts";
  switch (-result) {
    case ERRNO.EEXIST:
      return new KernelError(
        "PATH_UNUSABLE",
        `${what}: there is a udevd's already`,
        "use --netlink kernel, which its udevd hears",
        { cause },
      );
    case ERRNO.ENOSYS:
      return tooOld("mount in another namespace", "5.12", cause);
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return new KernelError("NO_PRIVILEGE", `${what}: permission is denied`, `run as root, or ${engine}`, { cause });
    case ERRNO.ENOENT:
    case ERRNO.ENOTDIR:
    case ERRNO.ELOOP:
    case ERRNO.ETIMEDOUT:
    case ERRNO.EBUSY:
      return new KernelError("PATH_UNUSABLE", `${what}: its /run ${RUN[-result]}`, engine, { cause });
    default:
      return new KernelError("PATH_UNUSABLE", `${what}: the system says ${errnoName(result)}`, engine, { cause });
  }
}
