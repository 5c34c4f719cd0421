import { closeSync, constants, openSync } from "node:fs";

import type { DeviceDirectory, SysDirectory, Target, UdevDirectory } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { mountedBelow } from "./dev/mounted-below.js";
import { ERRNO, errnoOf } from "./errno.js";
import { noProcess } from "./errors.js";
import { O_PATH } from "./flags.js";
import { inodeOf, mountNamespaceId } from "./namespaces.js";
import { pipeAnswer } from "./pipe-answer.js";
import { held, leftBehind, refusal, refusalInside } from "./place-refusal.js";
import type { PlacePath } from "./place-refusal.js";
import { isPlaceable } from "./placed-note.js";
import type { Placeable, PlacedNote } from "./placed-note.js";
import { orUndo } from "./undo.js";

const ANSWER_SIZE = 4; // bytes
const ANSWER_MS = 2000; // file systems of a container may never answer
const NOTHING_TO_DO = 1;
const HAS_TO_BE_MADE = 2;
/** What C calls these … */
const TASK = { place: 0, takeAway: 1, look: 2, takeAwayMade: 3 } as const;
/** … and these. */
const WHAT = { "/run/udev": 0, "/dev": 1, "/sys": 2 } as const satisfies Record<PlacePath, number>;
const CGROUP = "fs/cgroup"; // what a container's own `/sys` has that no other has
const SOURCE_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A running container in which a directory of the host is to be found. */
export interface Place {
  readonly addon: Addon;
  readonly pid: number;
  readonly pidfd: number;
  /** Whose what is made there becomes. */
  readonly user: Target["user"];
}

/** What is needed to place it, and to take it away: open until then. */
interface Job {
  readonly at: PlacePath;
  /** The names below it at which a container keeps what it has mounted. */
  readonly mountpoints: readonly string[];
  readonly source: number;
  readonly mntns: number;
  readonly root: number;
}

type PlacedDirectory = UdevDirectory | DeviceDirectory | SysDirectory;
type TakeAway = () => Promise<void>;

/** @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, KERNEL_TOO_OLD */
export function placeUdev(place: Place, directory: UdevDirectory): Promise<TakeAway | undefined> {
  return placeAt(place, directory, "/run/udev");
}

/** @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, KERNEL_TOO_OLD */
export async function placeDevices(place: Place, directory: DeviceDirectory): Promise<TakeAway | undefined> {
  const placeable: Placeable | undefined = isPlaceable(directory) ? directory : undefined;
  const names = await mountedBelow(place.addon, place.pid, (name) => placeable?.isFree?.(name) ?? false);
  const letGo = placeable?.reserve?.(names);
  let leave: TakeAway | undefined;
  try {
    leave = await placeAt(place, directory, "/dev");
  } finally {
    if (!leave) letGo?.();
  }
  return leave && (() => leave().finally(letGo));
}

/** @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, KERNEL_TOO_OLD */
export async function placeSys(place: Place, directory: SysDirectory): Promise<TakeAway | undefined> {
  const placed = isPlaceable(directory) ? directory.placing?.() : undefined;
  try {
    return await placeAt(place, directory, "/sys");
  } finally {
    placed?.();
  }
}

async function placeAt(place: Place, directory: PlacedDirectory, at: PlacePath): Promise<TakeAway | undefined> {
  const job = openJob(place, directory, at);
  if (job === undefined) return undefined;
  let leave: TakeAway | undefined;
  try {
    leave = await doJob(place, isPlaceable(directory) ? directory.placed : undefined, job);
  } finally {
    if (!leave) closeJob(job);
  }
  return leave;
}

async function doJob(place: Place, note: PlacedNote | undefined, job: Job): Promise<TakeAway | undefined> {
  const { at } = job;
  const mntns = mountNamespaceId(place.addon, job.mntns);
  const left = note?.left?.mntns === mntns ? note.left : undefined;
  let result = await ask(place, job, "look"); // what an engine has bound in is never noted as ours
  const isMade = result === HAS_TO_BE_MADE || left?.isMade === true;
  const other = note?.claim(at, mntns);
  if (result === 0 || result === HAS_TO_BE_MADE) {
    if (other) throw held(place.pid, at, other);
    note?.write({ mntns, isMade });
    result = await ask(place, job, "place");
    if (result !== 0 && !left) note?.forget();
  }
  if (result === 0 || (result === NOTHING_TO_DO && left))
    return () => takeAway(place, job, isMade ? "takeAwayMade" : "takeAway", note);
  if (result !== NOTHING_TO_DO) throw refusalInside(place.pid, at, result);
  return undefined;
}

async function takeAway(place: Place, job: Job, task: keyof typeof TASK, note: PlacedNote | undefined): Promise<void> {
  const isOver = place.addon.processHasEnded(place.pidfd) !== 0; // then what is left there goes with its namespace
  try {
    const result = await ask(place, job, task);
    if (result === 0) note?.forget(); // else something may cover it
    if (result < 0 && result !== -ERRNO.ENOENT && !isOver) throw leftBehind(place.pid, job.at, result);
  } finally {
    closeJob(job);
  }
}

/** Undefined if the mount namespace is our own, in which nothing is mounted for a container. */
function openJob(place: Place, directory: PlacedDirectory, at: PlacePath): Job | undefined {
  const source = attempt(place, at, () => openSync(directory.path, SOURCE_FLAGS));
  const inside = orUndo(
    () => attempt(place, at, () => openInside(place.pid)),
    () => closeSync(source),
  );
  const job = { at, mountpoints: mountpointsIn(directory, at), source, ...inside };
  const hasEnded = place.addon.processHasEnded(place.pidfd) !== 0; // then it may be another's, which has its number now
  const isOwn = orUndo(
    () => inodeOf(job.mntns) === inodeOf("/proc/self/ns/mnt"),
    () => closeJob(job),
  );
  if (!hasEnded && !isOwn) return job;
  closeJob(job);
  if (hasEnded) throw noProcess(place.pid, `process ${place.pid} has ended`);
  return undefined;
}

function openInside(pid: number): Pick<Job, "mntns" | "root"> {
  const mntns = openSync(`/proc/${pid}/ns/mnt`, "r");
  const root = orUndo(
    () => openSync(`/proc/${pid}/root`, O_PATH),
    () => closeSync(mntns),
  );
  return { mntns, root };
}

function attempt<T>({ addon, pid, pidfd }: Place, at: PlacePath, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw addon.processHasEnded(pidfd) === 0
      ? refusal(pid, at, errnoOf(cause))
      : noProcess(pid, `process ${pid} has ended`);
  }
}

function closeJob({ source, mntns, root }: Job): void {
  for (const fd of [source, mntns, root]) closeSync(fd);
}

/** 0, 1 or -errno. */
async function ask(
  { addon, user }: Place,
  { at, mountpoints, mntns, root, source }: Job,
  task: keyof typeof TASK,
): Promise<number> {
  const names = Buffer.from(task === "place" ? mountpoints.map((name) => `${name}\0`).join("") : "", "latin1");
  const pipe = addon.startPlacing(WHAT[at], mntns, root, source, user.uid, user.gid, names, TASK[task]);
  if (pipe < 0) return pipe;
  const answer = await pipeAnswer(addon, pipe, ANSWER_SIZE, ANSWER_MS);
  if (!answer) return -ERRNO.ETIMEDOUT;
  return answer.length === ANSWER_SIZE ? answer.readInt32LE() : -ERRNO.EIO;
}

function mountpointsIn(directory: PlacedDirectory, at: PlacePath): readonly string[] {
  if (at === "/sys") return [CGROUP];
  return isPlaceable(directory) ? (directory.mountpoints?.() ?? []) : [];
}
