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

/** A lock that ends with the process, however that ends. */
export interface FileLock {
  release(): void;
}

/** Takes the lock that a file stands for. If another process has it, gives that one's pid. */
export function lockFile(addon: Addon, path: string): FileLock | { readonly holder: number } {
  for (let i = 0; i < ATTEMPTS; i++) {
    const fd = openSync(path, FLAGS, 0o600);
    const result = addon.lockFile(fd);
    if (result === 0 && isStillAt(path, fd)) return hold(path, fd);
    const holder = readPid(fd);
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
  ftruncateSync(fd, 0);
  writeSync(fd, `${process.pid}\n`, 0);
  return {
    release() {
      unlinkSync(path); // while it is locked: who opened it meanwhile sees that it is gone
      closeSync(fd);
    },
  };
}

function readPid(fd: number): number {
  const buffer = Buffer.alloc(16);
  const length = readSync(fd, buffer, 0, buffer.length, 0);
  return Number.parseInt(buffer.toString("latin1", 0, length), 10) || 0;
}
