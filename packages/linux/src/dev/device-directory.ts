import { closeSync } from "node:fs";
import { join } from "node:path";

import { deviceNameParts } from "@uevent-bridge/kernel";
import type { DeviceDirectory, DeviceEntry, DirectoryOptions } from "@uevent-bridge/kernel";

import type { DirectoryTools } from "../directory.js";
import { leaveLocked } from "../directory-lock.js";
import type { LockedDirectory } from "../directory-lock.js";
import { unusable } from "../directory-open.js";
import { codeOf } from "../errno.js";
import { isMounted, MOUNT } from "../own-mount.js";
import { PlacedNote } from "../placed-note.js";
import type { Placeable } from "../placed-note.js";
import { doEach, orUndo } from "../undo.js";
import { Entries } from "./entries.js";
import { asHeldUp, GuardedWork } from "./guarded-work.js";
import type { Restore } from "./guarded-work.js";
import type { Hand } from "./hand.js";
import { settleNotes } from "./left-notes.js";
import { prefixes } from "./mounted-below.js";
import type { MountedBelow } from "./mounted-below.js";
import { areDevicesBound, DEV, mountDevices, openParts, unmountDevices } from "./mounted-devices.js";
import { reservedEntry } from "./reserved.js";

const CONSOLE = "console"; // runtimes mount the container's terminal on it

export interface DeviceDirectoryTools extends Pick<DirectoryTools, "addon" | "locks" | "mounts"> {
  readonly hand: Hand;
}

/** @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD */
export function openDeviceDirectory(
  tools: DeviceDirectoryTools,
  path: string,
  owner: DirectoryOptions,
): DeviceDirectory {
  const locked = tools.locks.open(path, owner);
  return orUndo(
    () => {
      settleNotes(tools, locked.opened.fd);
      return new MountedDevices(tools, locked);
    },
    () => leaveLocked(locked, tools.mounts),
  );
}

class MountedDevices implements DeviceDirectory, Placeable {
  readonly path: string;
  readonly isShared = false;
  readonly placed: PlacedNote;
  readonly #tools: DeviceDirectoryTools;
  readonly #locked: LockedDirectory;
  readonly #fds: readonly [dev: number, workshop: number];
  readonly #entries: Entries;
  readonly #work: GuardedWork;
  readonly #own = new Map<string, DeviceEntry>();
  /** Of those, what is there to be mounted on. */
  readonly #reserved = new Set<string>();
  readonly #isOwn = (path: readonly string[]): boolean => this.#own.has(path.join("/"));
  #isOld = false; // a relay before this one may have left what is there to be mounted on
  #isComplete = false; // all that is to be there has been put there: what is not ours goes
  #closed = false;

  constructor(tools: DeviceDirectoryTools, locked: LockedDirectory) {
    this.#tools = tools;
    this.#locked = locked;
    this.placed = new PlacedNote(locked);
    const { opened } = locked;
    this.path = join(opened.path, MOUNT, DEV);
    const isOld = (this.#isOld = isMounted(opened.fd));
    if (!isOld) mountDevices(tools, opened);
    this.#fds = orUndo(
      () => openParts(tools, opened),
      () => isOld || unmountDevices(tools, opened.fd),
    );
    this.#entries = new Entries(tools.hand, ...this.#fds);
    this.#work = new GuardedWork(tools.addon, tools.hand, () => this.#restore());
  }

  put(name: string, entry: DeviceEntry): void {
    const path = this.#partsOf(name);
    this.#own.set(name, entry);
    this.#reserved.delete(name);
    this.#tried(name, () => this.#entries.put(path, entry));
  }

  remove(name: string): void {
    const path = this.#partsOf(name);
    this.#own.delete(name);
    this.#reserved.delete(name);
    this.#tried(name, () => this.#entries.remove(path, this.#isOwn));
  }

  forgetOthers(): void {
    this.#isComplete = true;
    this.#tried("", () => this.#forgetOthers());
  }

  mountpoints(): readonly string[] {
    return Array.from(this.#own).flatMap(([name, { kind }]) => {
      const isEmpty = kind === "directory" && !this.#isAbove(name);
      return isEmpty || name === CONSOLE || this.#reserved.has(name) ? [name] : [];
    });
  }

  isFree(name: string): boolean {
    const isDirectory = (above: string): boolean => (this.#own.get(above)?.kind ?? "directory") === "directory";
    const isTaken = this.#isAbove(name) || (this.#own.has(name) && !this.#reserved.has(name));
    return !isTaken && prefixes(name).every(isDirectory);
  }

  reserve(names: readonly MountedBelow[]): () => void {
    if (this.#closed) return () => {}; // while it was looked which they are
    const letGo = (): void => {
      if (!this.#closed) for (const name of this.#reserved) this.remove(name);
    };
    orUndo(() => this.#reserve(names), letGo);
    return letGo;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    let isBound = true; // if that cannot be seen, what is mounted stays
    doEach(
      () => (isBound = areDevicesBound(this.#tools.mounts, this.#locked.opened)),
      () => this.#work.close(),
      () => this.#fds.forEach((fd) => closeSync(fd)),
      () => isBound || unmountDevices(this.#tools, this.#locked.opened.fd),
      () => leaveLocked(this.#locked, this.#tools.mounts),
    );
  }

  #reserve(names: readonly MountedBelow[]): void {
    const wanted = new Set(names.map(({ name }) => name));
    for (const name of this.#reserved) if (!wanted.has(name)) this.remove(name);
    for (const { name, isDirectory } of names) {
      const entry = reservedEntry(isDirectory);
      this.#own.set(name, entry);
      this.#reserved.add(name);
      this.#tried(name, () => this.#entries.put(this.#partsOf(name), entry));
    }
  }

  *#restore(): ReturnType<Restore> {
    for (const [name, entry] of this.#own)
      yield () => this.#named(name, () => this.#entries.put(this.#partsOf(name), entry));
    if (this.#isComplete) yield () => this.#named("", () => this.#forgetOthers());
  }

  #forgetOthers(): void {
    for (const path of this.#entries.all())
      if (!this.#isOwn(path) && !this.#keepsReserved(path)) this.#entries.remove(path, this.#isOwn);
    this.#isOld = false;
  }

  /** What a relay before this one has left may be mounted on still. */
  #keepsReserved(path: readonly string[]): boolean {
    const reserved = this.#isOld ? this.#entries.reservedFor(path) : undefined;
    if (reserved === undefined) return false;
    this.#own.set(path.join("/"), reservedEntry(reserved === "directory"));
    this.#reserved.add(path.join("/"));
    return true;
  }

  #isAbove(name: string): boolean {
    return [...this.#own.keys()].some((each) => each.startsWith(`${name}/`));
  }

  /** @throws KernelError PATH_UNUSABLE */
  #tried(name: string, work: () => void): void {
    this.#work.do(() => this.#named(name, work));
  }

  /** A root with all capabilities of the host can do there what it likes, and who reads it can hold it up. @throws KernelError PATH_UNUSABLE */
  #named(name: string, work: () => void): void {
    try {
      work();
    } catch (cause) {
      const problem = `what is there cannot be changed: the system says ${codeOf(cause)}`;
      throw asHeldUp(this.path, cause) ?? unusable(join(this.path, name), problem, "see what is in the way", cause);
    }
  }

  /** @throws KernelError PATH_UNUSABLE */
  #partsOf(name: string): readonly string[] {
    const parts = deviceNameParts(name);
    if (parts) return parts;
    throw unusable(join(this.path, name), "it is no name of a device", "give one below /dev, without . and ..");
  }
}
