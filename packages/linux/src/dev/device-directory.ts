import { closeSync, constants, existsSync, fchmodSync, mkdirSync, openSync, rmdirSync } from "node:fs";
import { join } from "node:path";

import { deviceNameParts } from "@uevent-bridge/kernel";
import type { DeviceDirectory, DeviceEntry, DirectoryOptions } from "@uevent-bridge/kernel";

import type { DirectoryTools } from "../directory.js";
import { inside } from "../directory-above.js";
import { lockDirectory } from "../directory-lock.js";
import { leaveDirectory, openOwnDirectory, unusable } from "../directory-open.js";
import type { OpenedDirectory } from "../directory-open.js";
import { codeOf, systemError } from "../errno.js";
import type { FileLock } from "../file-lock.js";
import { isMounted, MOUNT, noMount } from "../own-mount.js";
import { PlacedNote } from "../placed-note.js";
import type { Placeable } from "../placed-note.js";
import { orUndo } from "../undo.js";
import { Entries } from "./entries.js";
import type { MountedBelow } from "./mounted-below.js";
import { reservedEntry } from "./reserved.js";

const DEV = "dev"; // in the file system: what the container has …
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
  readonly isShared = false;
  readonly placed: PlacedNote;
  readonly #tools: DeviceDirectoryTools;
  readonly #opened: OpenedDirectory;
  readonly #lock: FileLock;
  readonly #fds: readonly [dev: number, workshop: number];
  readonly #entries: Entries;
  readonly #own = new Set<string>();
  /** Of those, what is there to be mounted on. */
  readonly #reserved = new Set<string>();
  readonly #isOwn = (path: readonly string[]): boolean => this.#own.has(path.join("/"));
  #closed = false;

  constructor(tools: DeviceDirectoryTools, opened: OpenedDirectory, lock: FileLock) {
    this.#tools = tools;
    this.#opened = opened;
    this.#lock = lock;
    this.placed = new PlacedNote(lock);
    this.path = join(opened.path, MOUNT, DEV);
    const isOld = isMounted(opened.fd);
    if (!isOld) mountIn(tools, opened);
    this.#fds = orUndo(
      () => openParts(tools, opened),
      () => isOld || unmountFrom(tools, opened.fd),
    );
    this.#entries = new Entries(tools.addon, ...this.#fds);
    for (const path of isOld ? this.#entries.all() : []) if (this.#entries.isReserved(path)) this.#keep(path.join("/"));
  }

  put(name: string, entry: DeviceEntry): void {
    const path = this.#partsOf(name);
    this.#tried(name, "put there", () => this.#entries.put(path, entry));
    this.#own.add(name);
    this.#reserved.delete(name);
  }

  remove(name: string): void {
    const path = this.#partsOf(name);
    this.#own.delete(name);
    this.#reserved.delete(name);
    this.#tried(name, "taken away", () => this.#entries.remove(path, this.#isOwn));
  }

  forgetOthers(): void {
    this.#tried("", "taken away", () => {
      for (const path of this.#entries.all()) if (!this.#isOwn(path)) this.#entries.remove(path, this.#isOwn);
    });
  }

  reserve(names: readonly MountedBelow[]): () => void {
    if (this.#closed) return () => {}; // while it was looked which they are
    const wanted = new Set(names.map(({ name }) => name));
    for (const name of this.#reserved) if (!wanted.has(name)) this.remove(name);
    for (const { name, isDirectory } of names) {
      this.put(name, reservedEntry(isDirectory));
      this.#keep(name);
    }
    return () => {
      if (!this.#closed) for (const name of this.#reserved) this.remove(name);
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const isBound = this.#isBound();
    for (const fd of this.#fds) closeSync(fd);
    if (!isBound) unmountFrom(this.#tools, this.#opened.fd);
    leaveDirectory({ ...this.#opened, made: !isBound }, this.#tools.mounts);
    this.#lock.release();
  }

  #keep(name: string): void {
    this.#own.add(name);
    this.#reserved.add(name);
  }

  /** A root with all capabilities of the host can do there what it likes. @throws KernelError PATH_UNUSABLE */
  #tried(name: string, what: string, work: () => void): void {
    try {
      work();
    } catch (cause) {
      const problem = `it cannot be ${what}: the system says ${codeOf(cause)}`;
      throw unusable(join(this.path, name), problem, "see what is in the way", cause);
    }
  }

  /** Asks of what is mounted for all to see: what is written through is found by nobody. */
  #isBound(): boolean {
    const dev = openSync(inside(this.#opened.fd, `${MOUNT}/${DEV}`), DIRECTORY);
    try {
      return this.#tools.mounts.isBound(dev);
    } finally {
      closeSync(dev);
    }
  }

  /** @throws KernelError PATH_UNUSABLE */
  #partsOf(name: string): readonly string[] {
    const parts = deviceNameParts(name);
    if (parts) return parts;
    throw unusable(join(this.path, name), "it is no name of a device", "give one below /dev, without . and ..");
  }
}

/** Read-only, so that the root of a user namespace can make no copy of it writable, whoever binds it in. */
function mountIn({ addon, mounts }: DeviceDirectoryTools, { fd, path }: OpenedDirectory): void {
  mkdirSync(inside(fd, MOUNT), { recursive: true, mode: 0o700 });
  const result = addon.mountNodes(fd, MOUNT, 1);
  mounts.forget();
  if (result >= 0) return;
  rmdirSync(inside(fd, MOUNT));
  throw noMount(path, result);
}

/** What the container has, and the workshop, both so that they can be written. */
function openParts({ addon }: DeviceDirectoryTools, { fd, path }: OpenedDirectory): [dev: number, workshop: number] {
  const fs = addon.openNodes(fd, MOUNT);
  if (fs < 0) throw noMount(path, fs);
  try {
    const dev = openPart(fs, DEV);
    return [
      dev,
      orUndo(
        () => openPart(fs, WORKSHOP),
        () => closeSync(dev),
      ),
    ];
  } catch (cause) {
    throw unusable(path, "something else is mounted there", `unmount ${join(path, MOUNT)}`, cause);
  } finally {
    closeSync(fs);
  }
}

function openPart(fs: number, name: string): number {
  const path = inside(fs, name);
  if (!existsSync(path)) mkdirSync(path);
  const part = openSync(path, DIRECTORY);
  orUndo(
    () => fchmodSync(part, 0o755), // whatever the umask is
    () => closeSync(part),
  );
  return part;
}

function unmountFrom({ addon, mounts }: DeviceDirectoryTools, fd: number): void {
  const result = addon.unmountNodes(fd, MOUNT);
  if (result < 0) throw systemError("unmounting a tmpfs", result);
  mounts.forget();
  rmdirSync(inside(fd, MOUNT));
}
