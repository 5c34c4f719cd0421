import { constants } from "node:fs";
import { dirname } from "node:path";

import type { Hand } from "../dev/hand.js";
import { codeOf } from "../errno.js";

const { S_IFDIR, S_IFLNK } = constants;
export const BARE_DIRECTORY = { mode: S_IFDIR | 0o755 };
const LINK = { mode: S_IFLNK };
const NOTHING_THERE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/**
 * The bare directories and links of a `/sys`. Nothing is mounted in it. A root with all capabilities of the host can change it as he likes,
 * and who reads it can hold it up: the hand works there, which follows no symlink. All throw an Error with the system's code.
 */
export class Skeleton {
  readonly #hand: Hand;
  readonly #root: number;
  readonly #workshop: number;
  readonly #always: ReadonlySet<string>;

  /**
   * @param workshop on the same file system, where nobody looks
   * @param always directories that are there whatever is in them, each behind the one that it is in
   */
  constructor(hand: Hand, root: number, workshop: number, always: readonly string[]) {
    this.#hand = hand;
    this.#root = root;
    this.#workshop = workshop;
    this.#always = new Set(always);
    for (const path of always) this.make(path);
  }

  /** Makes a directory, and those above it. */
  make(path: string): void {
    this.#hand.put(this.#root, this.#workshop, path, BARE_DIRECTORY);
  }

  link(path: string, target: string): void {
    this.#hand.put(this.#root, this.#workshop, path, LINK, target);
  }

  /**
   * Removes a link, or a directory that is empty. Whatever is mounted on it in a container goes with it, and what that one mounted there.
   * False if it stays.
   */
  remove(path: string): boolean {
    if (this.#always.has(path)) return false;
    try {
      this.#hand.take(this.#root, path);
      return true;
    } catch (error) {
      if (codeOf(error) !== "ENOTEMPTY") throw error;
      return false;
    }
  }

  /** Removes a link or directory and those above it, as far as they are empty. */
  prune(path: string): void {
    for (let at = path; at !== "." && this.remove(at); at = dirname(at));
  }

  /** What is in a directory, and is one or not; nothing if there is no such directory. */
  list(path: string): { readonly directories: readonly string[]; readonly links: readonly string[] } {
    const found = this.#found(path).map(({ name, isDirectory }) => ({
      isDirectory,
      path: path === "." ? name : `${path}/${name}`,
    }));
    return {
      directories: found.filter((each) => each.isDirectory).map((each) => each.path),
      links: found.filter((each) => !each.isDirectory).map((each) => each.path),
    };
  }

  #found(path: string): ReturnType<Hand["list"]> {
    try {
      return this.#hand.list(this.#root, path);
    } catch (error) {
      if (NOTHING_THERE.has(codeOf(error))) return [];
      throw error;
    }
  }
}
