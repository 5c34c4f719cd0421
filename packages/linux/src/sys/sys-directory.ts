import { closeSync } from "node:fs";
import { join } from "node:path";

import { KernelError } from "@uevent-bridge/kernel";
import type { DirectoryOptions, SysDirectory, Target } from "@uevent-bridge/kernel";

import { asHeldUp, GuardedWork } from "../dev/guarded-work.js";
import type { Restore } from "../dev/guarded-work.js";
import type { Hand } from "../dev/hand.js";
import { isAttributeName, relativeDevpath } from "../devpath.js";
import { leaveLocked } from "../directory-lock.js";
import type { LockedDirectory } from "../directory-lock.js";
import { unusable } from "../directory-open.js";
import type { DirectoryTools } from "../directory.js";
import { MOUNT } from "../own-mount.js";
import { PlacedNote } from "../placed-note.js";
import type { Placeable } from "../placed-note.js";
import { NamespaceTarget } from "../target.js";
import { doEach, orUndo } from "../undo.js";
import { HostDevices } from "./host-devices.js";
import { SYS, isLayoutBound, leaveLayout, openLayout } from "./layout.js";
import { ShownDevices } from "./shown-devices.js";
import { Views } from "./views.js";

export type SysDirectoryTools = Pick<DirectoryTools, "addon" | "locks" | "mounts"> & {
  readonly sysfs: string;
  readonly hand: Hand;
};

/** @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD */
export function openSysDirectory(tools: SysDirectoryTools, path: string, owner: DirectoryOptions): SysDirectory {
  const locked = tools.locks.open(path, owner);
  return orUndo(
    () => new MountedSys(tools, locked),
    () => leaveLocked(locked, tools.mounts),
  );
}

/** All paths in it are relative to `/sys`. */
class MountedSys implements SysDirectory, Placeable {
  readonly path: string;
  readonly placed: PlacedNote;
  readonly #tools: SysDirectoryTools;
  readonly #locked: LockedDirectory;
  readonly #views: Views;
  readonly #host: HostDevices;
  readonly #work: GuardedWork;
  readonly #devices: ShownDevices;
  #isComplete = false; // all that is to be there has been shown: what is not ours goes
  #closed = false;

  constructor(tools: SysDirectoryTools, locked: LockedDirectory) {
    this.#tools = tools;
    this.#locked = locked;
    this.placed = new PlacedNote(locked);
    const { opened } = locked;
    this.path = join(opened.path, MOUNT, SYS);
    this.#work = new GuardedWork(tools.addon, tools.hand, (all) => this.#restore(all));
    this.#views = orUndo(
      () => this.#named("", () => this.#openViews()),
      () => this.#work.close(),
    );
    this.#host = new HostDevices(tools.addon, tools.sysfs);
    this.#devices = new ShownDevices(this.#host, this.#views);
  }

  show(devpath: string, without: readonly string[] = []): void {
    const path = this.#relative(devpath);
    const hidden = without.map((below) => this.#relative(below));
    const show = (device: number): void => {
      this.#devices.add(path, hidden);
      this.#work.do(() => this.#devices.show(path, device));
    };
    orUndo(
      () => this.#named(path, () => this.#host.withDevice(path, show)),
      () => {
        this.#devices.add(path, hidden);
        this.#work.tryAgain();
      },
    );
  }

  hide(...devpaths: readonly string[]): void {
    const paths = devpaths.map((devpath) => this.#relative(devpath));
    const links = this.#devices.delete(paths);
    this.#tried(paths[0] ?? "", () => this.#devices.hide(paths, links));
  }

  writable(devpath: string, attribute: string): void {
    const path = this.#relative(devpath);
    if (!isAttributeName(attribute)) throw this.#unusable(`${path}/${attribute}`, "it is no name of an attribute");
    if (this.#devices.addWritable(path, attribute)) this.#tried(path, () => this.#devices.placeAnew(path));
  }

  showNetwork(target: Target): void {
    if (!(target instanceof NamespaceTarget)) return;
    const sysfs = target.openSysfs();
    try {
      this.#tried("class/net", () => this.#devices.showNetwork(sysfs));
    } finally {
      closeSync(sysfs);
    }
  }

  forgetOthers(): void {
    this.#isComplete = true;
    this.#tried("", () => this.#devices.keepOnly());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    let isBound = true; // if that cannot be seen, what is mounted stays
    doEach(
      () => (isBound = isLayoutBound(this.#tools.mounts, this.#locked.opened)),
      () => this.#work.close(),
      () => this.#views.close(),
      () => this.#host.close(),
      () => isBound || leaveLayout(this.#tools.addon, this.#locked.opened),
      () => leaveLocked(this.#locked, this.#tools.mounts),
    );
  }

  /** A copy that is mounted nowhere yet gets nothing of what is mounted now. */
  placing(): () => void {
    const late = this.#devices.noteLate();
    return () => {
      for (const path of late()) if (!this.#closed) this.#tried(path, () => this.#devices.placeAnew(path));
    };
  }

  #openViews(): Views {
    const fs = openLayout(this.#tools, this.#locked.opened);
    this.#tools.mounts.forget();
    return orUndo(
      () => new Views(this.#tools, fs),
      () => closeSync(fs),
    );
  }

  *#restore(all: boolean): ReturnType<Restore> {
    for (const [path, step] of this.#devices.restoring(all)) yield () => this.#named(path, step);
    if (this.#isComplete) yield () => this.#named("", () => this.#devices.keepOnly());
  }

  /** @throws KernelError PATH_UNUSABLE */
  #relative(devpath: string): string {
    const path = relativeDevpath(devpath);
    if (path === undefined) throw this.#unusable(devpath, "it is no path of a device");
    return path;
  }

  /** @throws KernelError PATH_UNUSABLE */
  #tried(path: string, work: () => void): void {
    this.#named(path, () => this.#work.do(work));
  }

  /** A root with all capabilities of the host can do there what it likes, and who reads it can hold it up. @throws KernelError PATH_UNUSABLE */
  #named<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof KernelError) throw cause;
      const problem = `it cannot be mounted there: ${cause instanceof Error ? cause.message : ""}`;
      throw asHeldUp(this.path, cause) ?? this.#unusable(path, problem, cause);
    }
  }

  #unusable(path: string, problem: string, cause?: unknown): Error {
    const remedy = cause ? "see that fs.mount-max (sysctl) leaves room, and what is in the way" : "give one of /sys";
    return unusable(join(this.path, path), problem, remedy, cause);
  }
}
