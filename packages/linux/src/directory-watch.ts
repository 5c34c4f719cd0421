import { closeSync, readSync } from "node:fs";

import { READABLE } from "./addon.js";
import type { Addon, Watch } from "./addon.js";
import { unusable } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import { codeOf, systemError } from "./errno.js";
import { orUndo } from "./undo.js";

const QUIET = 5; // ms between the first change and the call: not more than 200 calls a second
const SHARE = 20; // reading a directory may take one part in so many of the time
const QUIET_MAX = 1000; // ms
const BUFFER_SIZE = 16 * 1024; // bytes
const READS_MAX = 512; // a full queue of the kernel's holds less

/** Tells that a directory changed. What changed is not said: it is read again, also when the kernel's queue ran over. */
export class DirectoryWatch {
  onChange: () => void = () => {};
  readonly #fd: number;
  readonly #watch: Watch;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  #timer: NodeJS.Timeout | undefined;
  #held = true;
  #cost = 0; // ms

  /** @throws KernelError PATH_UNUSABLE */
  constructor(addon: Addon, { path, fd }: OpenedDirectory) {
    const inotify = addon.watchDirectory(fd);
    if (inotify < 0) throw notWatched(path, inotify);
    this.#fd = inotify;
    this.#watch = orUndo(
      () => new addon.Watch(inotify, () => this.#changed()),
      () => closeSync(inotify),
    );
    this.#watch.start(READABLE);
  }

  /** Runs a reading of the directory. The longer it takes, the longer is the time to the next call: a container can not keep us busy. */
  timed<T>(read: () => T): T {
    const begin = performance.now();
    try {
      return read();
    } finally {
      this.#cost = performance.now() - begin;
    }
  }

  ref(): void {
    this.#held = true;
    this.#watch.ref();
    this.#timer?.ref();
  }

  unref(): void {
    this.#held = false;
    this.#watch.unref();
    this.#timer?.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watch.close();
    closeSync(this.#fd);
  }

  #changed(): void {
    this.#watch.stop();
    this.#timer = setTimeout(() => this.#tell(), Math.min(Math.max(QUIET, SHARE * this.#cost), QUIET_MAX));
    if (!this.#held) this.#timer.unref();
  }

  /** What comes while the listener reads the directory is told again: the queue is emptied before. */
  #tell(): void {
    this.#empty();
    this.#watch.start(READABLE);
    this.onChange();
  }

  #empty(): void {
    try {
      for (let i = 0; i < READS_MAX; i++) readSync(this.#fd, this.#buffer);
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
    }
  }
}

function notWatched(path: string, result: number): Error {
  const remedy = "raise fs.inotify.max_user_instances and max_user_watches (sysctl)";
  return unusable(path, "the system gives no more watches", remedy, systemError("inotify", result));
}
