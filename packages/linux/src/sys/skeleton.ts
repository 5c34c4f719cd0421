import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { dirname } from "node:path";

import { codeOf } from "../errno.js";

const MODE = 0o755;

/** A place on a file system, by a directory that is held open and a path below it, in latin1: a devpath may have any bytes. */
export function placeIn(directory: number, path: string): Buffer {
  return Buffer.from(`/proc/self/fd/${directory}/${path}`, "latin1");
}

/** Where a link leads; undefined if there is none. */
export function linkIn(directory: number, path: string): string | undefined {
  try {
    return readlinkSync(placeIn(directory, path), "latin1");
  } catch {
    return undefined;
  }
}

/** The bare directories and links of a `/sys`, on a file system that nobody else changes. Nothing is mounted in it. */
export class Skeleton {
  readonly #root: number;
  readonly #always: ReadonlySet<string>;

  /** @param always directories that are there whatever is in them */
  constructor(root: number, always: readonly string[]) {
    this.#root = root;
    this.#always = new Set(always);
    for (const path of always) this.make(path);
  }

  /** Makes a directory, and those above it. */
  make(path: string): void {
    const place = placeIn(this.#root, path);
    if (path === "." || statSync(place, { throwIfNoEntry: false })) return;
    this.make(dirname(path));
    mkdirSync(place, MODE);
    chmodSync(place, MODE); // whatever the umask is
  }

  link(path: string, target: string): void {
    if (linkIn(this.#root, path) === target) return;
    this.make(dirname(path));
    const place = placeIn(this.#root, path);
    if (lstatSync(place, { throwIfNoEntry: false })) unlinkSync(place);
    symlinkSync(Buffer.from(target, "latin1"), place);
  }

  unlink(path: string): void {
    unlinkSync(placeIn(this.#root, path));
    this.prune(dirname(path));
  }

  /** Removes a directory that is empty. Whatever is mounted on it in a container goes with it, and what that one mounted there. */
  remove(path: string): boolean {
    try {
      if (!this.#always.has(path)) rmdirSync(placeIn(this.#root, path));
      return !this.#always.has(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTEMPTY") throw error;
      return codeOf(error) === "ENOENT";
    }
  }

  /** Removes a directory and those above it, as far as they are empty. */
  prune(path: string): void {
    for (let at = path; at !== "." && this.remove(at); at = dirname(at));
  }

  /** The names of directories and links in a directory; none if there is no such directory. */
  list(path: string): { readonly directories: readonly string[]; readonly links: readonly string[] } {
    if (!statSync(placeIn(this.#root, path), { throwIfNoEntry: false })) return { directories: [], links: [] };
    const found = readdirSync(placeIn(this.#root, path), { withFileTypes: true, encoding: "latin1" });
    const below = found.map((each) => ({
      isLink: each.isSymbolicLink(),
      path: path === "." ? each.name : `${path}/${each.name}`,
    }));
    return {
      directories: below.filter((each) => !each.isLink).map((each) => each.path),
      links: below.filter((each) => each.isLink).map((each) => each.path),
    };
  }
}
