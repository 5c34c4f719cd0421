import { closeSync } from "node:fs";
import { dirname, join } from "node:path";

import type { DirectoryOptions, SysDirectory, Target } from "@uevent-bridge/kernel";

import { isAttributeName, relativeDevpath } from "../devpath.js";
import { leaveLocked } from "../directory-lock.js";
import type { LockedDirectory } from "../directory-lock.js";
import { unusable } from "../directory-open.js";
import type { DirectoryTools } from "../directory.js";
import { MOUNT } from "../own-mount.js";
import { PlacedNote } from "../placed-note.js";
import type { Placeable } from "../placed-note.js";
import { NamespaceTarget } from "../target.js";
import { orUndo } from "../undo.js";
import { linksTo } from "./device-links.js";
import type { DeviceLink } from "./device-links.js";
import { HostDevices } from "./host-devices.js";
import { SYS, isLayoutBound, leaveLayout, openLayout } from "./layout.js";
import { allBelow, highestIn, seenFrom } from "./paths.js";
import { Views } from "./views.js";

const NETWORK = ["class/net", "devices/virtual/net"];

export type SysDirectoryTools = Pick<DirectoryTools, "addon" | "locks" | "mounts"> & {
  readonly sysfs: string;
};

/** @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD */
export function openSysDirectory(tools: SysDirectoryTools, path: string, owner: DirectoryOptions): SysDirectory {
  const locked = tools.locks.open(path, owner);
  return orUndo(
    () => new MountedSys(tools, locked),
    () => leaveLocked(locked, tools.mounts),
  );
}

/** What a container has of a device that was shown. */
interface Shown {
  links: readonly string[];
  readonly writable: Set<string>;
}

/** All paths in it are relative to `/sys`. */
class MountedSys implements SysDirectory, Placeable {
  readonly path: string;
  readonly placed: PlacedNote;
  readonly #tools: SysDirectoryTools;
  readonly #locked: LockedDirectory;
  readonly #views: Views;
  readonly #host: HostDevices;
  readonly #shown = new Map<string, Shown>();
  readonly #hidden = new Set<string>(); // below shown ones
  readonly #mounted = new Set<string>(); // by us: the highest of the shown ones
  #late: Set<string> | undefined; // mounted while a copy of all is on its way
  #closed = false;

  constructor(tools: SysDirectoryTools, locked: LockedDirectory) {
    this.#tools = tools;
    this.#locked = locked;
    this.placed = new PlacedNote(locked);
    const { opened } = locked;
    this.path = join(opened.path, MOUNT, SYS);
    const fs = openLayout(tools.addon, opened);
    tools.mounts.forget();
    this.#views = orUndo(
      () => new Views(tools.addon, fs),
      () => closeSync(fs),
    );
    this.#host = new HostDevices(tools.addon, tools.sysfs);
  }

  show(devpath: string, without: readonly string[] = []): void {
    const path = this.#relative(devpath);
    const hidden = without.map((below) => this.#relative(below));
    this.#tried(path, () =>
      this.#host.withDevice(path, (device) => {
        const shown = this.#shown.get(path) ?? { links: [], writable: new Set() };
        this.#shown.set(path, shown);
        this.#hidden.delete(path);
        for (const below of allBelow(path, hidden)) this.#hidden.add(below);
        if (!this.#isInPlace(path, device) || hidden.some((below) => this.#isBare(below)))
          this.#place(highestIn(this.#shown, path) ?? path);
        this.#relink(shown, linksTo(this.#host.fd, path, device));
      }),
    );
  }

  hide(...devpaths: readonly string[]): void {
    const paths = devpaths.map((devpath) => this.#relative(devpath));
    this.#tried(paths[0] ?? "", () => {
      for (const path of paths) {
        const shown = this.#shown.get(path);
        if (shown) this.#relink(shown, []);
        this.#shown.delete(path);
      }
      for (const path of paths) if (this.#mounted.has(path)) this.#takeAway(path);
      this.#cover(paths);
    });
  }

  writable(devpath: string, attribute: string): void {
    const path = this.#relative(devpath);
    if (!isAttributeName(attribute)) throw this.#unusable(`${path}/${attribute}`, "it is no name of an attribute");
    const shown = this.#shown.get(path);
    if (!shown || shown.writable.has(attribute)) return;
    shown.writable.add(attribute);
    this.#tried(path, () => this.#place(highestIn(this.#shown, path) ?? path));
  }

  showNetwork(target: Target): void {
    if (!(target instanceof NamespaceTarget)) return;
    const sysfs = target.openSysfs();
    try {
      this.#tried("class/net", () => this.#views.showFrom(sysfs, NETWORK));
    } finally {
      closeSync(sysfs);
    }
    for (const path of NETWORK) this.#mounted.add(path);
  }

  forgetOthers(): void {
    const links = new Set(Array.from(this.#shown.values(), (shown) => shown.links).flat());
    this.#tried("", () => this.#views.keepOnly(links, this.#mounted));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const isBound = isLayoutBound(this.#tools.mounts, this.#locked.opened);
    this.#views.close();
    this.#host.close();
    if (!isBound) leaveLayout(this.#tools.addon, this.#locked.opened);
    leaveLocked(this.#locked, this.#tools.mounts);
  }

  /** A copy that is mounted nowhere yet gets nothing of what is mounted now. */
  placing(): () => void {
    const late = new Set<string>();
    this.#late = late;
    return () => {
      this.#late = undefined;
      for (const path of late) if (!this.#closed && this.#mounted.has(path)) this.#tried(path, () => this.#place(path));
    };
  }

  /** True if it, or what it is below, was mounted by us, and it is what the host has there now. */
  #isInPlace(path: string, device: number): boolean {
    const highest = highestIn(this.#shown, path) ?? path;
    return this.#mounted.has(highest) && this.#views.isAt(path, device);
  }

  /** Mounts one of the highest anew, with all that is other in it. */
  #place(path: string): void {
    this.#host.withDevice(path, (device) => {
      for (const below of allBelow(path, this.#mounted)) this.#mounted.delete(below);
      const [directory, writable] = [this.#host.openReadOnly(device), this.#openWritable(path)];
      try {
        if (directory !== undefined) this.#views.show(path, directory, { hidden: this.#hiddenIn(path), writable });
      } finally {
        for (const fd of [directory, ...writable.values()]) if (fd !== undefined) closeSync(fd);
      }
      this.#mounted.add(path);
      this.#late?.add(path);
    });
  }

  /** True if it can be seen, where it should be covered. */
  #isBare(path: string): boolean {
    return this.#host.has(path) && !this.#views.isEmpty(path);
  }

  #hiddenIn(path: string): readonly string[] {
    const below = allBelow(path, this.#hidden);
    for (const gone of below.filter((each) => !this.#host.has(each))) this.#hidden.delete(gone);
    return allBelow(path, this.#hidden).map((each) => seenFrom(path, each));
  }

  #openWritable(path: string): ReadonlyMap<string, number> {
    const shown = [path, ...allBelow(path, this.#shown.keys())];
    const wanted = shown.flatMap((device) =>
      Array.from(this.#shown.get(device)?.writable ?? [], (attribute) => `${device}/${attribute}`),
    );
    return new Map(
      wanted.flatMap((each) => {
        const attribute = this.#host.openWritable(each);
        return attribute === undefined ? [] : [[seenFrom(path, each), attribute]];
      }),
    );
  }

  #takeAway(path: string): void {
    this.#mounted.delete(path);
    for (const below of allBelow(path, this.#hidden))
      if (highestIn(this.#shown, below) === undefined) this.#hidden.delete(below);
    this.#views.takeAway(path);
    this.#views.skeleton.prune(dirname(path));
    for (const below of allBelow(path, this.#shown.keys()))
      if (highestIn(this.#shown, below) === below) this.#place(below);
  }

  #cover(paths: readonly string[]): void {
    const anew = new Set<string>();
    for (const path of paths) {
      const highest = highestIn(this.#shown, path);
      if (highest === undefined || !this.#host.has(path)) continue;
      this.#hidden.add(path);
      if (!this.#views.isEmpty(path)) anew.add(highest);
    }
    for (const highest of anew) this.#place(highest);
  }

  #relink(shown: Shown, links: readonly DeviceLink[]): void {
    for (const { path, target } of links) this.#views.skeleton.link(path, target);
    const paths = links.map((link) => link.path);
    for (const gone of shown.links.filter((path) => !paths.includes(path))) this.#views.skeleton.unlink(gone);
    shown.links = paths;
  }

  /** @throws KernelError PATH_UNUSABLE */
  #relative(devpath: string): string {
    const path = relativeDevpath(devpath);
    if (path === undefined) throw this.#unusable(devpath, "it is no path of a device");
    return path;
  }

  #tried(path: string, work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw this.#unusable(path, `it cannot be mounted there: ${cause instanceof Error ? cause.message : ""}`, cause);
    }
  }

  #unusable(path: string, problem: string, cause?: unknown): Error {
    const remedy = cause ? "see that fs.mount-max (sysctl) leaves room, and what is in the way" : "give one of /sys";
    return unusable(join(this.path, path), problem, remedy, cause);
  }
}
