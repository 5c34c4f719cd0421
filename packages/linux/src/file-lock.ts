import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { Addon } from "./addon.js";
import { ERRNO, systemError } from "./errno.js";
import { doEach, orUndo } from "./undo.js";

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const ATTEMPTS = 10;
const SIZE_MAX = 16_384; // bytes
const SWEPT_MS = 2000; // for which another relay may hold one that it only sweeps, …
const ORPHAN_MS = 1000; // … and for which what a killed relay had started may have its lock still; it is looked again …
const PAUSE_MS = 5; // … each
const SWEPT = "swept"; // a line behind the others: its holder only looks what can be removed

/** A lock that ends with the process, however that ends. */
export interface FileLock {
  /** What its last holder noted, if that one was killed; else empty. It stays noted until something else is. */
  readonly left: string;
  /** One line for the next holder, if this one is killed. Replaces the one before. Nothing once it is released. */
  note(line: string): void;
  /** Takes another one beside it, by its name, which is let go of with this one, or for the next. Returns who has that already. */
  also(name: string): Held | undefined;
  /** @param keeps what is noted, if anything is, for the next holder */
  release(keeps?: boolean): void;
}

/** Another process has it, or this one. */
export interface Held {
  readonly holder: number;
  /** The path of what it locks; undefined if that is not said. */
  readonly about: string | undefined;
  /** It lets it go soon. */
  readonly isSwept: boolean;
}

/** Takes the lock that a file stands for. Who only sweeps it is waited for, and whom a dead one left. @param about path of what it locks */
export function awaitLock(addon: Addon, path: string, about: string): FileLock | Held {
  for (let waited = 0; ; waited += PAUSE_MS) {
    const lock = lockFile(addon, path, about);
    if ("release" in lock || waited >= patienceFor(lock)) return lock;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

/** Milliseconds. */
function patienceFor({ holder, isSwept }: Held): number {
  if (isSwept) return SWEPT_MS;
  return existsSync(`/proc/${holder}`) ? 0 : ORPHAN_MS;
}

/** Takes the lock that a file stands for. @param about path of what it locks @param sweeps it is let go soon */
export function lockFile(addon: Addon, path: string, about: string, sweeps = false): FileLock | Held {
  for (let i = 0; i < ATTEMPTS; i++) {
    const fd = openSync(path, FLAGS, 0o600);
    const taken = orUndo(
      () => take(addon, { path, fd, about, sweeps }),
      () => closeSync(fd),
    );
    if (taken && "release" in taken) return taken;
    closeSync(fd);
    if (taken) return taken;
  }
  throw new Error(`${path} comes and goes`);
}

/** Undefined if the file is not there any more. */
function take(addon: Addon, opened: Opened): FileLock | Held | undefined {
  const { path, fd } = opened;
  const result = addon.lockFile(fd);
  if (result === 0)
    return orUndo(
      () => (isStillAt(path, fd) ? hold(addon, opened) : undefined),
      () => isStillAt(path, fd) && fstatSync(fd).size === 0 && unlinkSync(path), // nobody has noted anything in it
    );
  if (result !== -ERRNO.EWOULDBLOCK) throw systemError("flock", result);
  const { note: _, ...held } = read(fd);
  return held;
}

/** Its holder may have removed the file between our opening and locking it: then the lock is of no worth. */
function isStillAt(path: string, fd: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

interface Opened {
  readonly path: string;
  readonly fd: number;
  readonly about: string;
  readonly sweeps: boolean;
}

function hold(addon: Addon, { path, fd, about, sweeps }: Opened): FileLock {
  const before = read(fd);
  const isOthers = before.about !== undefined && before.about !== about; // whose inode it was
  const left = isOthers ? "" : before.note;
  let [isHeld, noted] = [true, left];
  const note = (line: string): void => {
    if (!isHeld) return;
    noted = line;
    const lines = [process.pid, line, JSON.stringify(about), ...(sweeps ? [SWEPT] : [])];
    const length = writeSync(fd, lines.map((each) => `${each}\n`).join(""), 0); // at once: who is killed behind it leaves it whole
    ftruncateSync(fd, length);
  };
  note(left);
  let beside: { readonly name: string; readonly lock: FileLock } | undefined;
  return {
    left,
    note,
    also(name) {
      if (beside?.name === name) return undefined;
      const lock = awaitLock(addon, join(dirname(path), name), about);
      if (!("release" in lock)) return lock;
      beside?.lock.release();
      beside = { name, lock };
      return undefined;
    },
    release(keeps = false) {
      isHeld = false;
      doEach(
        () => beside?.lock.release(),
        () => (keeps && noted !== "") || unlinkSync(path), // while it is locked: who opened it meanwhile sees that it is gone
        () => closeSync(fd),
      );
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

function read(fd: number): Held & { readonly note: string } {
  const buffer = Buffer.alloc(SIZE_MAX);
  const length = readSync(fd, buffer, 0, buffer.length, 0);
  return parseLock(buffer.toString("utf8", 0, length));
}

/** What is written in the file of a lock. */
export function parseLock(text: string): Held & { readonly note: string } {
  const [pid = "", note = "", about, swept] = text.split("\n");
  const holder = /^\d{1,10}$/.test(pid) ? Number(pid) : 0;
  return { holder, isSwept: swept === SWEPT, note, about: about ? parse(about) : undefined };
}

function parse(json: string): string | undefined {
  try {
    return String(JSON.parse(json));
  } catch {
    return undefined; // an older one, or somebody's
  }
}
