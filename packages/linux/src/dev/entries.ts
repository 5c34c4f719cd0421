import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import type { Stats } from "node:fs";

import type { DeviceEntry } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { inside as pathInside } from "../directory-above.js";
import { codeOf, systemError } from "../errno.js";
import { O_PATH } from "../flags.js";
import { numberOf } from "./rdev.js";
import { isReserved } from "./reserved.js";

type Node = Extract<DeviceEntry, { kind: "node" }>;

const DIRECTORY_MODE = 0o755;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NEW = "new"; // what an entry is called until it is as it should be
/** It is not there, nor can it be, as what is above it is no directory; or it is a directory with something in it. */
const AWAY: readonly string[] = ["ENOENT", "ENOTDIR", "ENOTEMPTY"];
const TYPE = { char: constants.S_IFCHR, block: constants.S_IFBLK } as const;

/**
 * Entries of a directory that nobody else changes. Each is made in a workshop on the same file system, where nobody looks, and linked
 * to its place: who watches hears of one that comes, and finds it as it should be.
 */
export class Entries {
  readonly #addon: Addon;
  readonly #root: number;
  readonly #workshop: number;

  constructor(addon: Addon, root: number, workshop: number) {
    this.#addon = addon;
    this.#root = root;
    this.#workshop = workshop;
  }

  /** @param path its parts @throws Error with the system's code */
  put(path: readonly string[], entry: DeviceEntry): void {
    this.#above(path, true, (place) => {
      const there = statOf(place);
      if (entry.kind === "directory") {
        if (there && !there.isDirectory()) unlinkSync(place);
        return makeDirectory(place, entry.mode);
      }
      if (entry.kind === "node" && there && isSame(there, entry)) return setOwner(place, entry);
      if (entry.kind === "link" && there?.isSymbolicLink() && readlinkSync(place, "latin1") === entry.target) return;
      const made = this.#make(entry);
      if (there) unlinkSync(place);
      linkSync(made, place);
      unlinkSync(made);
    });
  }

  /**
   * What is not there, is away. Directories that are empty then go with it.
   * @param isKept whether a directory stays all the same @throws Error with the system's code
   */
  remove(path: readonly string[], isKept: (path: readonly string[]) => boolean): void {
    try {
      this.#above(path, false, (place) => (statOf(place)?.isDirectory() ? rmdirSync(place) : unlinkSync(place)));
      const above = path.slice(0, -1);
      if (above.length > 0 && !isKept(above)) this.remove(above, isKept);
    } catch (error) {
      if (!AWAY.includes(codeOf(error) ?? "")) throw error;
    }
  }

  /** The paths of all that is there, what is in a directory before it. */
  all(above: readonly string[] = []): readonly (readonly string[])[] {
    return readdirSync(inside(this.#root, above.join("/")), { withFileTypes: true, encoding: "latin1" }).flatMap(
      (entry) => {
        const path = [...above, entry.name];
        return entry.isDirectory() ? [...this.all(path), path] : [path];
      },
    );
  }

  isReserved(path: readonly string[]): boolean {
    const there = statOf(inside(this.#root, path.join("/")));
    return there !== undefined && !there.isSymbolicLink() && isReserved(there);
  }

  #make(entry: Exclude<DeviceEntry, { kind: "directory" }>): Buffer {
    const place = inside(this.#workshop, NEW);
    if (statOf(place)) unlinkSync(place); // a relay before this one was killed
    if (entry.kind === "link") symlinkSync(bytesOf(entry.target), place);
    else this.#makeNode(entry, place);
    return place;
  }

  #makeNode(node: Node, place: Buffer): void {
    const result = this.#addon.makeNode(this.#workshop, NEW, TYPE[node.type], node.major, node.minor);
    if (result < 0) throw systemError("mknod", result);
    setOwner(place, node);
  }

  /** Calls back with the way to an entry through the directory that it is in, which is made if need be. */
  #above(path: readonly string[], make: boolean, work: (place: Buffer) => void): void {
    const [name = "", ...above] = path.toReversed();
    let directory = openSync(inside(this.#root, "."), DIRECTORY);
    try {
      for (const part of above.toReversed()) {
        if (make) makeDirectory(inside(directory, part));
        const next = openSync(inside(directory, part), DIRECTORY);
        closeSync(directory);
        directory = next;
      }
      work(inside(directory, name));
    } finally {
      closeSync(directory);
    }
  }
}

function inside(directory: number, name: string): Buffer {
  return bytesOf(pathInside(directory, name));
}

/** Names are bytes, and a character is one of them. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** @param mode of one that is there too, if it is given */
function makeDirectory(place: Buffer, mode?: number): void {
  const isThere = statOf(place)?.isDirectory() ?? false;
  if (!isThere) mkdirSync(place, DIRECTORY_MODE);
  if (!isThere || mode !== undefined) chmodSync(place, mode ?? DIRECTORY_MODE); // whatever the umask is
}

/** Of the node itself, whatever takes its name meanwhile. */
function setOwner(place: Buffer, { mode, uid, gid }: Node): void {
  const node = openSync(place, O_PATH | constants.O_NOFOLLOW);
  try {
    chownSync(`/proc/self/fd/${node}`, uid, gid);
    chmodSync(`/proc/self/fd/${node}`, mode);
  } finally {
    closeSync(node);
  }
}

function isSame(there: Stats, { type, major, minor }: Node): boolean {
  const found = numberOf(there.rdev);
  return (there.mode & constants.S_IFMT) === TYPE[type] && found.major === major && found.minor === minor;
}

function statOf(place: Buffer): Stats | undefined {
  return lstatSync(place, { throwIfNoEntry: false });
}
