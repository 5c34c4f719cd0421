import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { dirname } from "node:path";

import type { Addon } from "../addon.js";
import { inside } from "../directory-above.js";
import { ERRNO, systemError } from "../errno.js";
import { BENCH, CLONE, EMPTY, SYS, TREE } from "./layout.js";
import { Skeleton, placeIn } from "./skeleton.js";

/** What engines and programs mount something on, and what is looked for even where it is empty. */
const ALWAYS = [
  "block",
  "bus",
  "class",
  "dev/block",
  "dev/char",
  "devices",
  "firmware",
  "fs/cgroup",
  "kernel",
  "module",
];
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** What is other in a device's directory than it is on the host. Paths are relative to it. */
export interface Changes {
  readonly hidden: readonly string[];
  /** By a descriptor of the attribute, which is mounted nowhere. */
  readonly writable: ReadonlyMap<string, number>;
}

/** The directories that are mounted in a container's `/sys`. */
export class Views {
  readonly skeleton: Skeleton;
  readonly #addon: Addon;
  readonly #fs: number;
  readonly #tree: number;

  constructor(addon: Addon, fs: number) {
    this.#addon = addon;
    this.#fs = fs;
    this.#tree = openSync(inside(fs, TREE), DIRECTORY);
    this.skeleton = new Skeleton(this.#tree, ALWAYS);
  }

  /**
   * Shows a directory that is mounted nowhere at a path, in the place of all that is there and below. What is other in it comes with it in
   * one piece: the kernel lets no container with a user namespace of its own take that off again. @throws Error with the system's reason
   */
  show(path: string, directory: number, changes: Changes): void {
    const isChanged = changes.hidden.length > 0 || changes.writable.size > 0;
    const view = isChanged ? this.#assemble(directory, changes) : directory;
    try {
      this.#clearAbove(path);
      this.takeAway(path);
      this.skeleton.make(path);
      this.#place(view, `${SYS}/${path}`);
    } finally {
      if (isChanged) closeSync(view);
    }
  }

  /** Shows directories of a file system that is mounted nowhere where that has them. @throws Error with the system's reason */
  showFrom(sysfs: number, paths: readonly string[]): void {
    this.#onBench(sysfs, () => {
      for (const path of paths) this.#withClone(`${BENCH}/${path}`, (clone) => this.show(path, clone, NOTHING));
    });
  }

  /** Takes away what is mounted at a path and below, and the directories themselves. */
  takeAway(path: string): void {
    while (this.#unmount(`${SYS}/${path}`));
    for (const below of this.skeleton.list(path).directories) this.takeAway(below);
    this.skeleton.remove(path);
  }

  /** Takes away all links but some, and what is mounted anywhere but at some paths. Directories that are empty then go with it. */
  keepOnly(links: ReadonlySet<string>, mounted: ReadonlySet<string>, path = "."): void {
    const found = this.skeleton.list(path);
    for (const link of found.links) if (!links.has(link)) this.skeleton.unlink(link);
    for (const directory of found.directories.filter((each) => !mounted.has(each))) {
      while (this.#unmount(`${SYS}/${directory}`));
      this.keepOnly(links, mounted, directory);
      this.skeleton.remove(directory);
    }
  }

  /** True if what a container finds at a path is this very directory. */
  isAt(path: string, directory: number): boolean {
    const there = this.#statusOf(path);
    const found = fstatSync(directory, { bigint: true });
    return there?.dev === found.dev && there.ino === found.ino;
  }

  /** True if a container finds an empty directory at a path, where the host may have a device. */
  isEmpty(path: string): boolean {
    return this.#statusOf(path)?.dev === fstatSync(this.#fs, { bigint: true }).dev;
  }

  close(): void {
    closeSync(this.#tree);
    closeSync(this.#fs);
  }

  /** What a relay before this one has mounted above it would be unmounted with all below. */
  #clearAbove(path: string): void {
    for (let at = dirname(path); at !== "."; at = dirname(at)) while (this.#unmount(`${SYS}/${at}`));
  }

  #statusOf(path: string): BigIntStats | undefined {
    return statSync(placeIn(this.#fs, `${SYS}/${path}`), { bigint: true, throwIfNoEntry: false });
  }

  #assemble(directory: number, { hidden, writable }: Changes): number {
    return this.#onBench(directory, () => {
      for (const path of hidden) this.#withClone(EMPTY, (empty) => this.#place(empty, `${BENCH}/${path}`));
      for (const [path, attribute] of writable) this.#place(attribute, `${BENCH}/${path}`);
      return this.#check("open_tree", this.#addon.cloneTree(this.#fs, BENCH, CLONE.asItIs));
    });
  }

  /** It is made private there: what is mounted in it would go from its copy too, when it is taken off again. */
  #onBench<T>(tree: number, work: () => T): T {
    this.#place(tree, BENCH);
    try {
      this.#check("mount_setattr", this.#addon.shareTree(this.#fs, BENCH, 0));
      return work();
    } finally {
      this.#unmount(BENCH);
    }
  }

  #withClone(path: string, work: (clone: number) => void): void {
    const clone = this.#check("open_tree", this.#addon.cloneTree(this.#fs, path, CLONE.readOnly));
    try {
      work(clone);
    } finally {
      closeSync(clone);
    }
  }

  #place(tree: number, path: string): void {
    const result = this.#addon.placeTree(tree, this.#fs, path);
    if (result !== -ERRNO.ENOENT) this.#check("move_mount", result); // it has gone meanwhile
  }

  /** False if nothing is mounted there. */
  #unmount(path: string): boolean {
    const result = this.#addon.unmountTree(this.#fs, path);
    if (result === -ERRNO.EINVAL || result === -ERRNO.ENOENT) return false;
    return this.#check("umount", result) === 0;
  }

  #check(call: string, result: number): number {
    if (result < 0) throw systemError(call, result);
    return result;
  }
}

const NOTHING: Changes = { hidden: [], writable: new Map() };
