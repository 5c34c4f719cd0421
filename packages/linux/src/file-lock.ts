import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";

import type { Addon } from "./addon.js";
import { ERRNO, systemError } from "./errno.js";

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const ATTEMPTS = 10;
const SIZE_MAX = 16_384; // bytes

/** A lock that ends with the process, however that ends. */
export interface FileLock {
  /** What its last holder noted, if that one was killed; else empty. */
  readonly left: string;
  /** One line for the next holder, if this one is killed. Replaces the one before. Nothing once it is released. */
  note(line: string): void;
  release(): void;
}

/** Takes the lock that a file stands for. If another process has it, gives that one's pid. */
export function lockFile(addon: Addon, path: string): FileLock | { readonly holder: number } {
  for (let i = 0; i < ATTEMPTS; i++) {
    const fd = openSync(path, FLAGS, 0o600);
    const result = addon.lockFile(fd);
    if (result === 0 && isStillAt(path, fd)) return hold(path, fd);
    const holder = Number.parseInt(read(fd), 10) || 0;
    closeSync(fd);
    if (result === -ERRNO.EWOULDBLOCK) return { holder };
    if (result < 0) throw systemError("flock", result);
  }
  throw new Error(`${path} comes and goes`);
}

/** Its holder may have removed the file between our opening and locking it: then the lock is of no worth. */
function isStillAt(path: string, fd: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

function hold(path: string, fd: number): FileLock {
  const [, left = ""] = read(fd).split("\n");
  let isHeld = true;
  const note = (line: string): void => {
    if (!isHeld) return;
    ftruncateSync(fd, 0);
    writeSync(fd, `${process.pid}\n${line}\n`, 0);
  };
  note("");
  return {
    left,
    note,
    release() {
      isHeld = false;
      unlinkSync(path); // while it is locked: who opened it meanwhile sees that it is gone
      closeSync(fd);
    },
  };
}

function read(fd: number): string {
  const buffer = Buffer.alloc(SIZE_MAX);
  return buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0));
}
