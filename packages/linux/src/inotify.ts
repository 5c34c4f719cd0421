import { closeSync, readSync } from "node:fs";

import { READABLE } from "./addon.js";
import type { Addon, Watch } from "./addon.js";
import { codeOf, systemError } from "./errno.js";
import { watchOrClose } from "./watch.js";

const BUFFER_SIZE = 16 * 1024; // bytes
const EVENT_SIZE = 16; // bytes, and then the name: int wd; u32 mask, cookie, len
const OVERFLOW = -1; // as the number of a watch: some were lost

/** A watched directory. */
export interface Watched {
  readonly fd: number;
  /** True if its watch holds the process. */
  readonly held: boolean;
  /** Something changed. It is watched no more, until it is armed again. */
  changed(): void;
}

/**
 * One inotify for all directories, since a user may have 128 of them. Each watch reports once: containers that change their
 * directories all the time cannot fill the queue that they share.
 */
export class Inotify {
  readonly #addon: Addon;
  readonly #directories = new Set<Watched>();
  readonly #watches = new Map<number, Watched>();
  readonly #buffer = new DataView(new ArrayBuffer(BUFFER_SIZE));
  #fd = -1;
  #watch: Watch | undefined;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** Begins to watch a directory. @throws Error when the system gives no more watches */
  add(directory: Watched): void {
    this.#open();
    this.#directories.add(directory);
    this.arm(directory);
    this.updateHold();
  }

  /** Watches it for one more change. @throws Error when the system gives no more watches */
  arm(directory: Watched): void {
    const number = this.#addon.watchOnce(this.#fd, directory.fd);
    if (number < 0) throw systemError("inotify_add_watch", number);
    this.#watches.set(number, directory);
  }

  delete(directory: Watched): void {
    if (!this.#directories.delete(directory)) return;
    for (const [number, watched] of this.#watches) if (watched === directory) this.#forget(number);
    if (this.#directories.size === 0) this.#close();
    else this.updateHold();
  }

  /** To be called when a directory's `held` has changed. */
  updateHold(): void {
    const held = [...this.#directories].some((directory) => directory.held);
    if (held) this.#watch?.ref();
    else this.#watch?.unref();
  }

  #open(): void {
    if (this.#fd >= 0) return;
    const fd = this.#addon.openInotify();
    if (fd < 0) throw systemError("inotify_init", fd);
    this.#watch = watchOrClose(this.#addon, fd, () => this.#read());
    this.#fd = fd;
    this.#watch.start(READABLE);
  }

  #close(): void {
    this.#watch?.close();
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #forget(number: number): void {
    this.#watches.delete(number);
    this.#addon.forgetWatch(this.#fd, number);
  }

  /** Reads once: what does not fit into the buffer is there on the next turn. */
  #read(): void {
    for (const number of numbersIn(this.#buffer, this.#readQueue())) this.#tell(number);
  }

  #readQueue(): number {
    try {
      return readSync(this.#fd, this.#buffer);
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") this.#tell(OVERFLOW); // the system has no memory for it now
      return 0;
    }
  }

  /** The end of a one-shot watch is said too, under a number that is known no more by then. */
  #tell(number: number): void {
    const changed = number === OVERFLOW ? [...this.#directories] : [this.#watches.get(number)];
    this.#watches.delete(number);
    for (const directory of changed) directory?.changed();
  }
}

/** The watches that events are of, in the first bytes of what was read. */
export function numbersIn(queue: DataView, length: number): readonly number[] {
  const numbers: number[] = [];
  for (let at = 0; at < length; at += EVENT_SIZE + queue.getUint32(at + 12, true))
    numbers.push(queue.getInt32(at, true));
  return numbers;
}
