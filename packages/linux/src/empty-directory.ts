import { randomUUID } from "node:crypto";
import { chmodSync, closeSync, constants, openSync, readdirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";

import { codeOf } from "./errno.js";
import { O_PATH } from "./flags.js";

const ENTRIES_MAX = 100_000; // that are taken out of a directory at once
const OURS = 0o700;
const PLACE = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Takes out what is in a directory that is held open, as far as we may; what withstands stays. Somebody hostile may have put it there
 * and go on with it: nothing is followed, and neither depth nor a directory that was shut is in the way.
 */
export function emptyDirectory(fd: number): void {
  new Emptying(fd).run();
}

/** Opens a directory that its owner, who may be us, has shut; never a symlink. @throws Error with the system's code */
export function openShut(path: string | Buffer): number {
  const fd = openSync(path, PLACE);
  try {
    chmodSync(`/proc/self/fd/${fd}`, OURS);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class Emptying {
  readonly #top: number;
  #left = ENTRIES_MAX;

  constructor(top: number) {
    this.#top = top;
  }

  run(): void {
    tried(() => chmodSync(`/proc/self/fd/${this.#top}`, OURS));
    const full = this.#takeFrom(this.#top);
    for (const path of full) tried(() => full.push(...this.#takeOut(path))); // which grows meanwhile
  }

  /** Takes out a directory with something in it; returns the directories that were in it, which are at the top now. */
  #takeOut(path: Buffer): Buffer[] {
    const fd = openShut(path);
    try {
      return this.#takeFrom(fd).flatMap((inner) => tried(() => this.#moveUp(inner)) ?? []);
    } finally {
      closeSync(fd);
      tried(() => rmdirSync(path));
    }
  }

  /** However deep it is, one descriptor is enough, and a short path. */
  #moveUp(path: Buffer): Buffer {
    closeSync(openShut(path)); // who may not write to a directory may not move it
    const up = entryOf(this.#top, Buffer.from(`.${randomUUID()}`));
    renameSync(path, up);
    return up;
  }

  /** Returns the directories that are not empty. */
  #takeFrom(fd: number): Buffer[] {
    const names = tried(() => readdirSync(`/proc/self/fd/${fd}`, "buffer")) ?? []; // a name may be any bytes
    return names.map((name) => entryOf(fd, name)).filter((path) => this.#left-- > 0 && isFull(path));
  }
}

/** Removes it, unless it is a directory with something in it: then it is full. */
function isFull(path: Buffer): boolean {
  return failure(() => unlinkSync(path)) === "EISDIR" && failure(() => rmdirSync(path)) !== undefined;
}

function failure(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function entryOf(fd: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), name]);
}

/** Undefined if the system refuses. */
function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
