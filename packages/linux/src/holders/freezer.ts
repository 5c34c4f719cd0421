import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { KernelError } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { bytesOf, textOf } from "../bytes-path.js";
import { codeOf, systemError } from "../errno.js";
import { noProcess, tooOld } from "../errors.js";
import { readText } from "../read-text.js";
import type { ProcessCgroups } from "../rights/cgroups.js";
import { containerCgroupsOf } from "../rights/container-cgroups.js";
import { ownCgroups } from "./cgroup-processes.js";
import type { First } from "./processes.js";

const FREEZE_MS = 2000; // a driver can keep a program from standing still
const POLL_MS = 5;
/** Only who has CAP_SYS_ADMIN in the initial user namespace can write or see it. */
const MARK = "trusted.uevent-bridge.frozen";

/** How programs are frozen: by cgroup v2, or by the controller `freezer` of v1. */
interface Way {
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  readonly isFrozen: (cgroup: string) => boolean;
}

const UNIFIED: Way = {
  file: "cgroup.freeze",
  frozen: "1",
  thawed: "0",
  isFrozen: (cgroup) => /^frozen 1$/m.test(readText(bytesOf(join(cgroup, "cgroup.events")))),
};
const CONTROLLER: Way = {
  file: "freezer.state",
  frozen: "FROZEN",
  thawed: "THAWED",
  isFrozen: (cgroup) => readText(bytesOf(join(cgroup, "freezer.state"))).trim() === "FROZEN",
};

interface Place {
  /** latin1 */
  readonly path: string;
  readonly way: Way;
}

/** Has the programs of a container's cgroup stand still. A mark on the cgroup says that it was us. */
export class Freezer {
  readonly #addon: Addon;
  #frozen: Place | undefined;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** @throws KernelError TARGET_SHARES_HOST, PATH_UNUSABLE, KERNEL_TOO_OLD, NO_PRIVILEGE */
  async freeze(first: First): Promise<void> {
    const place = placeOf(this.#addon, first);
    if (place.way.isFrozen(place.path)) return; // by somebody else, or by us before
    this.#mark(place);
    this.#frozen = place;
    try {
      writeFileSync(bytesOf(join(place.path, place.way.file)), place.way.frozen);
      await standStill(place);
    } catch (error) {
      this.thaw(undefined);
      throw error instanceof KernelError ? error : mayNotFreeze(place.path, error);
    }
  }

  /** @param first while it is known */
  thaw(first: First | undefined): void {
    const place = this.#frozen ?? (first && placeIfAny(this.#addon, first));
    this.#frozen = undefined;
    if (!place) return;
    try {
      this.#thaw(place);
    } catch (error) {
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENODEV") throw error; // else its cgroup is gone
    }
  }

  #mark({ path }: Place): void {
    const fd = openSync(bytesOf(path), "r");
    const error = this.#addon.putMark(fd, MARK);
    closeSync(fd);
    if (error < 0) throw mayNotFreeze(path, systemError("fsetxattr", error));
  }

  #thaw({ path, way }: Place): void {
    const fd = openSync(bytesOf(path), "r");
    try {
      if (this.#addon.hasMark(fd, MARK) !== 1) return;
      writeFileSync(bytesOf(join(path, way.file)), way.thawed);
      this.#addon.removeMark(fd, MARK);
    } finally {
      closeSync(fd);
    }
  }
}

/** @throws KernelError */
function placeOf(addon: Addon, { pid, hasEnded }: First): Place {
  const { unified, freezer } = readCgroups(addon, pid);
  const own = new Set(ownCgroups(pid, [unified, freezer]));
  if (hasEnded()) throw noProcess(pid, `process ${pid} has ended`);
  if (own.size === 0) throw sharesHost(pid);
  const place = placesIn(unified, freezer).find(
    ({ path, way }) => own.has(path) && existsSync(bytesOf(join(path, way.file))),
  );
  if (!place) throw tooOld("freeze a container", "5.2", undefined);
  return place;
}

/** Where the cgroup of a process was frozen by a relay before this one, if it was. */
function placeIfAny(addon: Addon, first: First): Place | undefined {
  try {
    return placeOf(addon, first);
  } catch {
    return undefined;
  }
}

function readCgroups(addon: Addon, pid: number): Partial<ProcessCgroups> {
  try {
    return containerCgroupsOf(addon, pid);
  } catch {
    return {}; // it has ended
  }
}

function placesIn(unified: string | undefined, freezer: string | undefined): readonly Place[] {
  return [
    ...(unified === undefined ? [] : [{ path: unified, way: UNIFIED }]),
    ...(freezer === undefined ? [] : [{ path: freezer, way: CONTROLLER }]),
  ];
}

async function standStill({ path, way }: Place): Promise<void> {
  for (const until = performance.now() + FREEZE_MS; performance.now() < until; await setTimeout(POLL_MS)) {
    if (way.isFrozen(path)) return;
  }
  throw new KernelError(
    "PATH_UNUSABLE",
    `the programs of the cgroup ${textOf(path)} do not all stand still within ${FREEZE_MS / 1000} s`,
    "see which of them a driver keeps (state D in ps), or try again",
  );
}

function sharesHost(pid: number): KernelError {
  return new KernelError(
    "TARGET_SHARES_HOST",
    `the cgroup of pid ${pid} has programs of the host in it too, which would be frozen`,
    "start the container in a cgroup of its own",
  );
}

function mayNotFreeze(path: string, cause: unknown): KernelError {
  const message = `the programs of the cgroup ${textOf(path)} cannot be frozen`;
  return new KernelError("NO_PRIVILEGE", message, "run as root (CAP_SYS_ADMIN)", { cause });
}
