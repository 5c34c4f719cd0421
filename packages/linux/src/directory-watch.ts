import { unusable } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import type { Inotify, Watched } from "./inotify.js";

const QUIET = 5; // ms between a change and the call: not more than 200 calls a second
const QUIET_MAX = 1000; // ms
const SHARE = 100; // reading a directory may take one part in so many of the time

/** Tells that a directory changed. What changed is not said: it is read again. */
export class DirectoryWatch implements Watched {
  onChange: () => void = () => {};
  readonly fd: number;
  readonly #inotify: Inotify;
  #timer: NodeJS.Timeout | undefined;
  #held = true;
  #cost = 0; // ms, of the last reading
  #readAt = -Infinity;

  /** @throws KernelError PATH_UNUSABLE */
  constructor(inotify: Inotify, { path, fd }: OpenedDirectory) {
    this.fd = fd;
    this.#inotify = inotify;
    try {
      inotify.add(this);
    } catch (cause) {
      inotify.delete(this);
      throw unusable(path, "the system gives no more watches", "raise fs.inotify.max_user_watches (sysctl)", cause);
    }
  }

  get held(): boolean {
    return this.#held;
  }

  /** Runs a reading of the directory. The longer it takes, the later after it is the next call: a container cannot keep us busy. */
  timed<T>(read: () => T): T {
    const begin = performance.now();
    try {
      return read();
    } finally {
      this.#readAt = performance.now();
      this.#cost = this.#readAt - begin;
    }
  }

  changed(): void {
    const since = performance.now() - this.#readAt;
    this.#tellIn(Math.max(QUIET, Math.min(SHARE * this.#cost, QUIET_MAX) - since));
  }

  ref(): void {
    this.#hold(true);
    this.#timer?.ref();
  }

  unref(): void {
    this.#hold(false);
    this.#timer?.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#inotify.delete(this);
  }

  #hold(held: boolean): void {
    this.#held = held;
    this.#inotify.updateHold();
  }

  #tellIn(ms: number): void {
    this.#timer ??= setTimeout(() => this.#tell(), ms);
    if (!this.#held) this.#timer.unref();
  }

  /** It is watched again before it is read: what comes in between is told once more. */
  #tell(): void {
    this.#timer = undefined;
    if (!this.#arm()) this.#tellIn(QUIET_MAX); // its owner made it unreadable: try until that has passed
    this.onChange();
  }

  #arm(): boolean {
    try {
      this.#inotify.arm(this);
      return true;
    } catch {
      return false;
    }
  }
}
