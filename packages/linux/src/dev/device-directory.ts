import { closeSync, constants, fstatSync, mkdirSync, openSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { deviceNameParts } from "@uevent-bridge/kernel";
import type { DeviceDirectory, DeviceEntry, DirectoryOptions, KernelError } from "@uevent-bridge/kernel";

import type { DirectoryTools } from "../directory.js";
import { inside } from "../directory-above.js";
import { lockDirectory } from "../directory-lock.js";
import { leaveDirectory, openOwnDirectory, unusable } from "../directory-open.js";
import type { OpenedDirectory } from "../directory-open.js";
import { codeOf, ERRNO, errnoName, systemError } from "../errno.js";
import { tooOld } from "../errors.js";
import type { FileLock } from "../file-lock.js";
import { PlacedNote } from "../placed-note.js";
import type { Placeable } from "../placed-note.js";
import { orUndo } from "../undo.js";
import { Entries } from "./entries.js";

const MOUNT = "fs"; // where its file system is mounted, below the directory
const DEV = "dev"; // in that: what the container has …
const WORKSHOP = "workshop"; // … and what it has not
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export type DeviceDirectoryTools = Pick<DirectoryTools, "addon" | "lockDirectories" | "mounts">;

/** @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD */
export function openDeviceDirectory(
  tools: DeviceDirectoryTools,
  path: string,
  owner: DirectoryOptions,
): DeviceDirectory {
  const opened = openOwnDirectory(path, owner);
  const lock = orUndo(
    () => lockDirectory(tools.addon, opened, tools.lockDirectories),
    () => leaveDirectory(opened),
  );
  return orUndo(
    () => new MountedDevices(tools, opened, lock),
    () => {
      leaveDirectory(opened);
      lock.release();
    },
  );
}

class MountedDevices implements DeviceDirectory, Placeable {
  readonly path: string;
  readonly placed: PlacedNote;
  readonly #tools: DeviceDirectoryTools;
  readonly #opened: OpenedDirectory;
  readonly #lock: FileLock;
  readonly #fds: readonly [dev: number, workshop: number];
  readonly #entries: Entries;
  readonly #own = new Set<string>();
  readonly #isOwn = (path: readonly string[]): boolean => this.#own.has(path.join("/"));
  #closed = false;

  constructor(tools: DeviceDirectoryTools, opened: OpenedDirectory, lock: FileLock) {
    this.#tools = tools;
    this.#opened = opened;
    this.#lock = lock;
    this.placed = new PlacedNote(lock);
    this.path = join(opened.path, MOUNT, DEV);
    if (!isMounted(opened.fd)) mountIn(tools, opened);
    this.#fds = orUndo(
      () => openMount(opened),
      () => tools.addon.unmountNodes(opened.fd, MOUNT),
    );
    this.#entries = new Entries(tools.addon, ...this.#fds);
  }

  put(name: string, entry: DeviceEntry): void {
    const path = this.#partsOf(name);
    try {
      this.#entries.put(path, entry);
    } catch (cause) {
      throw unusable(
        join(this.path, name),
        `it cannot be put there: the system says ${codeOf(cause)}`,
        "see what is in the way",
        cause,
      );
    }
    this.#own.add(name);
  }

  remove(name: string): void {
    const path = this.#partsOf(name);
    this.#own.delete(name);
    this.#entries.remove(path, this.#isOwn);
  }

  forgetOthers(): void {
    for (const path of this.#entries.all()) if (!this.#isOwn(path)) this.#entries.remove(path, this.#isOwn);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const [dev] = this.#fds;
    const isBound = this.#tools.mounts.isBound(dev);
    for (const fd of this.#fds) closeSync(fd);
    if (!isBound) unmountFrom(this.#tools, this.#opened.fd);
    leaveDirectory({ ...this.#opened, made: !isBound }, this.#tools.mounts);
    this.#lock.release();
  }

  /** @throws KernelError PATH_UNUSABLE */
  #partsOf(name: string): readonly string[] {
    const parts = deviceNameParts(name);
    if (parts) return parts;
    throw unusable(join(this.path, name), "it is no name of a device", "give one below /dev, without . and ..");
  }
}

/** A relay before this one was killed, or a container kept it. */
function isMounted(fd: number): boolean {
  const found = statSync(inside(fd, MOUNT), { throwIfNoEntry: false });
  return found !== undefined && found.dev !== fstatSync(fd).dev;
}

function mountIn({ addon }: DeviceDirectoryTools, { fd, path }: OpenedDirectory): void {
  mkdirSync(inside(fd, MOUNT), { recursive: true, mode: 0o700 });
  const result = addon.mountNodes(fd, MOUNT);
  if (result < 0) throw noMount(path, result);
  for (const name of [DEV, WORKSHOP]) mkdirSync(inside(fd, `${MOUNT}/${name}`), { mode: 0o755 });
}

function noMount(path: string, result: number): KernelError {
  const cause = systemError("mounting a tmpfs", result);
  if (result === -ERRNO.ENOSYS) return tooOld("mount a file system by its descriptor", "5.2", cause);
  const problem = `no file system can be mounted there: the system says ${errnoName(result)}`;
  return unusable(path, problem, "run as root", cause);
}

function openMount({ fd, path }: OpenedDirectory): [dev: number, workshop: number] {
  const open = (name: string): number => openSync(inside(fd, `${MOUNT}/${name}`), DIRECTORY);
  try {
    const dev = open(DEV);
    return [
      dev,
      orUndo(
        () => open(WORKSHOP),
        () => closeSync(dev),
      ),
    ];
  } catch (cause) {
    throw unusable(path, "something else is mounted there", `unmount ${join(path, MOUNT)}`, cause);
  }
}

function unmountFrom({ addon }: DeviceDirectoryTools, fd: number): void {
  const result = addon.unmountNodes(fd, MOUNT);
  if (result < 0) throw systemError("unmounting a tmpfs", result);
  rmdirSync(inside(fd, MOUNT));
}
