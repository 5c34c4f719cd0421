import { constants } from "node:fs";

import type { DeviceEntry } from "@uevent-bridge/kernel";

import { codeOf } from "../errno.js";
import type { Hand } from "./hand.js";
import type { Likeness } from "./hand-order.js";
import { isReserved } from "./reserved.js";

const DIRECTORY_MODE = 0o755;
const { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT } = constants;

/** Entries of a directory that nobody else changes, but that others read: the hand works there. */
export class Entries {
  readonly #hand: Hand;
  readonly #root: number;
  readonly #workshop: number;

  /** @param workshop on the same file system, where nobody looks: who watches hears of one that comes, and finds it as it should be */
  constructor(hand: Hand, root: number, workshop: number) {
    this.#hand = hand;
    this.#root = root;
    this.#workshop = workshop;
  }

  /** @param path its parts @throws Error with the system's code */
  put(path: readonly string[], entry: DeviceEntry): void {
    const target = entry.kind === "link" ? entry.target : "";
    this.#hand.put(this.#root, this.#workshop, path.join("/"), likenessOf(entry), target);
  }

  /**
   * What is not there, is away. Directories that are empty then go with it.
   * @param isKept whether a directory stays all the same @throws Error with the system's code
   */
  remove(path: readonly string[], isKept: (path: readonly string[]) => boolean): void {
    try {
      this.#hand.take(this.#root, path.join("/"));
    } catch (error) {
      if (codeOf(error) === "ENOTEMPTY") return;
      throw error;
    }
    const above = path.slice(0, -1);
    if (above.length > 0 && !isKept(above)) this.remove(above, isKept);
  }

  /** The paths of all that is there, what is in a directory before it. @throws Error with the system's code */
  all(above: readonly string[] = []): readonly (readonly string[])[] {
    return this.#hand.list(this.#root, above.join("/") || ".").flatMap(({ name, isDirectory }) => {
      const path = [...above, name];
      return isDirectory ? [...this.all(path), path] : [path];
    });
  }

  /** What it is reserved for, if it is there to be mounted on alone. @throws Error with the system's code */
  reservedFor(path: readonly string[]): "directory" | "node" | undefined {
    const found = this.#hand.look(this.#root, path.join("/"));
    if (!found || !isReserved(found)) return undefined;
    return (found.mode & S_IFMT) === S_IFDIR ? "directory" : "node";
  }
}

function likenessOf(entry: DeviceEntry): Likeness {
  if (entry.kind === "link") return { mode: S_IFLNK };
  if (entry.kind === "directory") return { mode: S_IFDIR | (entry.mode ?? DIRECTORY_MODE) };
  return { ...entry, mode: (entry.type === "char" ? S_IFCHR : S_IFBLK) | entry.mode };
}
