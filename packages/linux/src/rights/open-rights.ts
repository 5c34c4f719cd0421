import { closeSync, constants, existsSync, openSync, statfsSync } from "node:fs";
import { join } from "node:path";

import type { DeviceRights } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { bytesOf, pathOf, textOf } from "../bytes-path.js";
import type { Locks } from "../directory-lock.js";
import { errnoOf } from "../errno.js";
import { noProcess } from "../errors.js";
import { orUndo } from "../undo.js";
import { programThatRefuses } from "./asked-programs.js";
import { BothRights } from "./both-rights.js";
import { hasOurs, programIds } from "./cgroup-program.js";
import type { OpenCgroup } from "./cgroup-program.js";
import type { DeviceCgroups } from "./cgroups.js";
import { isThreaded, mountNamespaceOf } from "./cgroups.js";
import { containerCgroupsOf } from "./container-cgroups.js";
import { ControllerRights, NOTE } from "./controller-rights.js";
import { listsAll } from "./device-list.js";
import { letGo } from "./held-cgroup.js";
import type { Cgroup } from "./held-cgroup.js";
import { processesBelow } from "./processes-below.js";
import { ProgramRights } from "./program-rights.js";
import { noCgroup, noDeviceCgroup, refusal, sharesCgroup, threaded, tooManyCgroups, unreachable } from "./refusal.js";

const CGROUP_MAGIC = 0x27e0eb;
const CGROUP2_MAGIC = 0x63677270;
const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY;

export interface RightsTools {
  readonly addon: Addon;
  readonly locks: Locks;
}

/**
 * What may be opened by the programs of a cgroup, given by its directory, which is one of cgroup v2 or of the controller `devices` of v1.
 * @throws KernelError
 */
export function openCgroupRights(tools: RightsTools, directory: string): DeviceRights {
  const path = pathOf(directory);
  const isUnified = isCgroup2(path);
  const ours = findProcess(path, (pid) => pid === process.pid || pid === 1);
  if (ours !== undefined) throw sharesCgroup(path, ours);
  return openAll(tools, { unified: isUnified ? path : undefined, devices: isUnified ? undefined : path });
}

/** The same for the cgroup of a process, in which no program may be that is not of its container. @throws KernelError */
export function openProcessRights(tools: RightsTools, pid: number, hasEnded: () => boolean): DeviceRights {
  try {
    const rights = openRightsOf(tools, pid);
    if (!hasEnded()) return rights;
    rights.close(); // it may be another's, which has its number now
  } catch (error) {
    if (!hasEnded()) throw unreachable(pid, error);
  }
  throw noProcess(pid, `process ${pid} has ended`);
}

/**
 * What a relay that was killed has said of a container's programs is said no more. One that is at work is let be, and so is all where a
 * program of the host has come in. @throws KernelError
 */
export function undoRights(tools: RightsTools, pid: number): void {
  try {
    undoAll(tools, pid);
  } catch (cause) {
    const error = unreachable(pid, cause);
    if (error.code !== "NO_PRIVILEGE") throw error; // who may not ask has left nothing
  }
}

function undoAll(tools: RightsTools, pid: number): void {
  const { unified, devices } = containerCgroupsOf(tools.addon, pid);
  const left = {
    unified: unified !== undefined && isLeft(tools, unified, (_, cgroup) => hasOurs(cgroup)) ? unified : undefined,
    devices: devices !== undefined && isLeft(tools, devices, (noted) => noted.startsWith(NOTE)) ? devices : undefined,
  };
  keepOutStrangers(left, pid);
  openAll(tools, left).close();
}

/** False while another relay is at work there. */
function isLeft(
  { addon, locks }: RightsTools,
  path: string,
  shows: (noted: string, cgroup: OpenCgroup) => boolean,
): boolean {
  return withDirectory(path, (fd) => {
    const noted = locks.left({ path: textOf(path), fd });
    return noted !== undefined && shows(noted, { addon, fd, path });
  });
}

function openRightsOf(tools: RightsTools, pid: number): DeviceRights {
  const found = containerCgroupsOf(tools.addon, pid);
  const cgroups = needed(tools.addon, found, (path) => strangerIn(path, pid) === undefined);
  if (cgroups.unified === undefined && cgroups.devices === undefined) throw noDeviceCgroup(pid);
  keepOutStrangers(cgroups, pid);
  return openAll(tools, cgroups, found.unified);
}

/** @throws KernelError TARGET_SHARES_HOST, PATH_UNUSABLE: who is in one of them cannot be known */
function keepOutStrangers({ unified, devices }: DeviceCgroups, pid: number): void {
  for (const path of [unified, devices].filter((each) => each !== undefined)) {
    const other = strangerIn(path, pid);
    if (other !== undefined) throw sharesCgroup(path, other, pid);
  }
}

/**
 * Where both hierarchies are mounted, each must let a device through: it is spoken where a runtime has spoken, and in one of them if none
 * has, which is the container's own.
 */
function needed(addon: Addon, { unified, devices }: DeviceCgroups, isOwn: (path: string) => boolean): DeviceCgroups {
  if (unified === undefined || devices === undefined) return { unified, devices };
  const isByList = !listsAll(devices) || (!isOwn(unified) && isOwn(devices));
  return {
    devices: isByList ? devices : undefined,
    unified: isByList && (!hasPrograms(addon, unified) || !isOwn(unified)) ? undefined : unified,
  };
}

/** A process in it that is not of the container, and would lose what it may open. */
function strangerIn(path: string, pid: number): number | undefined {
  const host = mountNamespaceOf("self");
  const isApart = mountNamespaceOf(pid) !== host;
  return findProcess(path, (each) => {
    return each === process.pid || each === 1 || (isApart && mountNamespaceOf(each) === host);
  });
}

/** A process in the cgroup, or in one below it, for which that is so. @throws KernelError PATH_UNUSABLE: that cannot be known */
function findProcess(cgroup: string, isSought: (pid: number) => boolean): number | undefined {
  if (isThreaded(cgroup)) throw threaded(cgroup);
  for (const pid of processesBelow(cgroup)) {
    if (pid === undefined) throw tooManyCgroups(cgroup);
    if (isSought(pid)) return pid;
  }
  return undefined;
}

/** All of them, or none. @param also of cgroup v2, in which it is asked too */
function openAll(tools: RightsTools, { unified, devices }: DeviceCgroups, also?: string): DeviceRights {
  const opened: DeviceRights[] = [];
  return orUndo(
    () => {
      if (devices !== undefined) opened.push(openPart(tools, devices, (cgroup) => new ControllerRights(cgroup)));
      if (unified !== undefined) opened.push(openPart(tools, unified, (cgroup) => new ProgramRights(cgroup)));
      const [only] = opened;
      const elsewhere = unified === undefined ? also : undefined;
      if (opened.length === 1 && only && elsewhere === undefined) return only;
      return new BothRights(opened, (...device) => refuserAt(tools.addon, elsewhere, ...device));
    },
    () => opened.forEach((each) => each.close()),
  );
}

/** Who refuses a device in a cgroup of v2 in which we say nothing. One that is gone has no programs. */
export function refuserAt(addon: Addon, path: string | undefined, ...device: Parameters<DeviceRights["refusedBy"]>) {
  if (path === undefined || !existsSync(bytesOf(path))) return undefined;
  return withDirectory(path, (fd) => programThatRefuses({ addon, fd, path }, ...device));
}

/** @param open owns the cgroup from then on, unless it throws */
function openPart(tools: RightsTools, path: string, open: (cgroup: Cgroup) => DeviceRights): DeviceRights {
  const { addon, locks } = tools;
  const fd = openDirectory(path);
  const lock = orUndo(
    () => locks.lock({ path: textOf(path), fd }),
    () => closeSync(fd),
  );
  const cgroup = { addon, fd, path, lock };
  return orUndo(
    () => open(cgroup),
    () => letGo(cgroup),
  );
}

/** @throws KernelError PATH_UNUSABLE */
function isCgroup2(path: string): boolean {
  const { type } = withDirectory(path, (fd) => statfsSync(`/proc/self/fd/${fd}`));
  const isDevices = type === CGROUP_MAGIC && existsSync(bytesOf(join(path, "devices.list")));
  if (type !== CGROUP2_MAGIC && !isDevices) throw noCgroup(path);
  return type === CGROUP2_MAGIC;
}

function hasPrograms(addon: Addon, path: string): boolean {
  return withDirectory(path, (fd) => programIds({ addon, fd, path }).length > 0);
}

function withDirectory<T>(path: string, work: (fd: number) => T): T {
  const fd = openDirectory(path);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

function openDirectory(path: string): number {
  try {
    return openSync(bytesOf(path), FLAGS);
  } catch (cause) {
    throw refusal(path, "open", errnoOf(cause));
  }
}
