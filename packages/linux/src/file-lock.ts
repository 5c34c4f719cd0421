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
import { orUndo } from "./undo.js";

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const ATTEMPTS = 10;
const SIZE_MAX = 16_384; // bytes

/** A lock that ends with the process, however that ends. */
export interface FileLock {
  /** What its last holder noted, if that one was killed; else empty. It stays noted until something else is. */
  readonly left: string;
  /** One line for the next holder, if this one is killed. Replaces the one before. Nothing once it is released. */
  note(line: string): void;
  /** @param keeps what is noted, if anything is, for the next holder */
  release(keeps?: boolean): void;
}

/** Takes the lock that a file stands for. If another process has it, gives that one's pid. @param about path of what it locks */
export function lockFile(addon: Addon, path: string, about: string): FileLock | { readonly holder: number } {
  for (let i = 0; i < ATTEMPTS; i++) {
    const fd = openSync(path, FLAGS, 0o600);
    const result = addon.lockFile(fd);
    if (result === 0 && isStillAt(path, fd)) return hold(path, fd, about);
    const { holder } = read(fd);
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

function hold(path: string, fd: number, about: string): FileLock {
  const before = read(fd);
  const isOthers = before.about !== undefined && before.about !== about; // whose inode it was
  const left = isOthers ? "" : before.note;
  let [isHeld, noted] = [true, left];
  const note = (line: string): void => {
    if (!isHeld) return;
    noted = line;
    const length = writeSync(fd, `${process.pid}\n${line}\n${JSON.stringify(about)}\n`, 0); // at once: who is killed behind it leaves it whole
    ftruncateSync(fd, length);
  };
  orUndo(
    () => note(left),
    () => closeSync(fd),
  );
  return {
    left,
    note,
    release(keeps = false) {
      isHeld = false;
      if (!keeps || noted === "") unlinkSync(path); // while it is locked: who opened it meanwhile sees that it is gone
      closeSync(fd);
    },
  };
}

/** What a lock is about, though nobody holds it. Undefined if that is not said. */
export function aboutOf(path: string): string | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return read(fd).about;
  } finally {
    closeSync(fd);
  }
}

function read(fd: number): { readonly holder: number; readonly note: string; readonly about: string | undefined } {
  const buffer = Buffer.alloc(SIZE_MAX);
  const [pid = "", note = "", about] = buffer
    .toString("utf8", 0, readSync(fd, buffer, 0, buffer.length, 0))
    .split("\n");
  return { holder: Number.parseInt(pid, 10) || 0, note, about: about ? parse(about) : undefined };
}

function parse(json: string): string | undefined {
  try {
    return String(JSON.parse(json));
  } catch {
    return undefined; // an older one, or somebody's
  }
}
