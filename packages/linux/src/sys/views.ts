import { closeSync, constants, openSync } from "node:fs";
import { dirname } from "node:path";

import type { Addon } from "../addon.js";
import { inside } from "../directory-above.js";
import { codeOf, systemError } from "../errno.js";
import { orUndo } from "../undo.js";
import type { Hand } from "../dev/hand.js";
import { BENCH, CLONE, EMPTY, SYS, TREE } from "./layout.js";
import type { LayoutTools } from "./layout.js";
import { Skeleton } from "./skeleton.js";

/** What engines and programs mount something on, and what is looked for even where it is empty. */
const ALWAYS = [
  "block",
  "bus",
  "class",
  "dev",
  "dev/block",
  "dev/char",
  "devices",
  "firmware",
  "fs",
  "fs/cgroup",
  "kernel",
  "module",
];
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Entries that are looked at in one go: a root with all capabilities of the host can make as many as he likes. */
const ENTRIES_MAX = 4096;

interface Left {
  entries: number;
}

const allLeft = (): Left => ({ entries: ENTRIES_MAX });

function count(left: Left): void {
  if (left.entries-- === 0) throw new Error(`there are more than ${ENTRIES_MAX} entries`);
}

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
  readonly #hand: Hand;
  readonly #fs: number;
  readonly #tree: number;

  /** @param fs is owned from now on @throws Error with the system's reason */
  constructor({ addon, hand }: LayoutTools, fs: number) {
    this.#addon = addon;
    this.#hand = hand;
    this.#fs = fs;
    this.#tree = openSync(inside(fs, TREE), DIRECTORY);
    this.skeleton = orUndo(
      () => new Skeleton(hand, this.#tree, fs, ALWAYS),
      () => closeSync(this.#tree),
    );
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

  /** Takes away what is mounted at a path and below, and the directories themselves. @throws Error with the system's reason */
  takeAway(path: string, left: Left = allLeft()): void {
    while (this.#hand.unmount(this.#fs, `${SYS}/${path}`));
    if (this.skeleton.remove(path)) return;
    for (const below of this.skeleton.list(path).directories) {
      count(left);
      this.takeAway(below, left);
    }
    this.skeleton.remove(path);
  }

  /**
   * Takes away all links but some, and what is mounted anywhere but at some paths. Directories that are empty then go with it.
   * @throws Error with the system's reason
   */
  keepOnly(links: ReadonlySet<string>, mounted: ReadonlySet<string>, path = ".", left: Left = allLeft()): void {
    const found = this.skeleton.list(path);
    for (const link of found.links.filter((each) => !links.has(each))) {
      count(left);
      this.skeleton.remove(link);
    }
    for (const directory of found.directories.filter((each) => !mounted.has(each))) {
      count(left);
      while (this.#hand.unmount(this.#fs, `${SYS}/${directory}`));
      this.keepOnly(links, mounted, directory, left);
      this.skeleton.remove(directory);
    }
  }

  /** True if what a container finds at a path is this very directory. */
  isAt(path: string, directory: number): boolean {
    const [there, found] = [this.#hand.find(this.#fs, `${SYS}/${path}`), this.#hand.find(directory, ".")];
    return there?.inode === found?.inode && there?.major === found?.major && there?.minor === found?.minor;
  }

  /** True if a container finds an empty directory at a path, where the host may have a device. */
  isEmpty(path: string): boolean {
    const [there, own] = [this.#hand.find(this.#fs, `${SYS}/${path}`), this.#hand.find(this.#fs, ".")];
    return there?.major === own?.major && there?.minor === own?.minor;
  }

  close(): void {
    closeSync(this.#tree);
    closeSync(this.#fs);
  }

  /** What a relay before this one has mounted above it would be unmounted with all below. */
  #clearAbove(path: string): void {
    for (let at = dirname(path); at !== "."; at = dirname(at)) while (this.#hand.unmount(this.#fs, `${SYS}/${at}`));
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
      this.#addon.unmountTree(this.#fs, BENCH); // nobody else comes there: also while what is mounted there is held up
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

  /** By the hand: who reads the directory that is mounted on can hold it up. */
  #place(tree: number, path: string): void {
    try {
      this.#hand.place(tree, this.#fs, path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error; // it has gone meanwhile
    }
  }

  #check(call: string, result: number): number {
    if (result < 0) throw systemError(call, result);
    return result;
  }
}

const NOTHING: Changes = { hidden: [], writable: new Map() };
