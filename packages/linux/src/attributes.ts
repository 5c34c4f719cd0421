import { closeSync, readSync } from "node:fs";

import { READABLE } from "./addon.js";
import type { Addon } from "./addon.js";
import { ERRNO } from "./errno.js";
import type { SysfsRoot } from "./sysfs-root.js";
import { watchOrClose } from "./watch.js";

const THREADS_MAX = 4; // reads at a time
const WAITING_MAX = 1024; // reads in line behind them; what is beyond is refused
const ANSWER_MAX = 4096; // bytes, with the int before them: ATTRIBUTE_MAX of native/core/attribute.h
const ERROR_SIZE = 4; // bytes

/** Until it is tried again, where the system gave nothing to read with. */
const AGAIN_MS = 20;
const AGAIN: ReadonlySet<number> = new Set([ERRNO.EMFILE, ERRNO.ENFILE, ERRNO.ENOMEM, ERRNO.EAGAIN, ERRNO.EINTR]);

type Answer = Uint8Array | undefined;

interface Waiting {
  readonly root: SysfsRoot;
  readonly path: string;
  readonly settle: (answer: Answer) => void;
  /** Nobody waits any more. */
  readonly isOver: () => boolean;
}

/**
 * Reads attributes on threads of its own, since a driver may answer late or never. A read that never returns keeps its
 * thread: with all of them stuck, others wait in line until their time is over, and nothing else of the process suffers.
 */
export class AttributeReader {
  readonly #addon: Addon;
  readonly #line = new Set<Waiting>();
  #running = 0;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** The file's bytes; undefined if there is none, or no answer in time. `path` is relative to `root`. */
  read(root: SysfsRoot, path: string, timeoutMs: number): Promise<Answer> {
    if (this.#running === THREADS_MAX && this.#line.size === WAITING_MAX) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      let isOver = false;
      const timer = setTimeout(() => {
        isOver = true;
        this.#line.delete(waiting);
        resolve(undefined);
      }, timeoutMs);
      const waiting: Waiting = {
        root,
        path,
        isOver: () => isOver,
        settle(answer) {
          clearTimeout(timer);
          resolve(answer);
        },
      };
      this.#line.add(waiting);
      this.#next();
    });
  }

  #next(): void {
    const [first] = this.#line;
    if (!first || this.#running === THREADS_MAX) return;
    this.#line.delete(first);
    this.#running++;
    this.#start(first, (answer) => {
      this.#running--;
      if (answer === "again") this.#again(first);
      else first.settle(answer);
      this.#next();
    });
  }

  /** Unless its time is up by then. */
  #again(waiting: Waiting): void {
    setTimeout(() => {
      if (waiting.isOver()) return;
      this.#line.add(waiting);
      this.#next();
    }, AGAIN_MS).unref();
  }

  #start({ root, path }: Waiting, done: (answer: Answer | "again") => void): void {
    const pipe = this.#addon.startAttribute(root.fd, path);
    if (pipe < 0) return done(pipe === -ERRNO.EBADF ? undefined : "again"); // the root was closed, or there is no room
    try {
      this.#await(pipe, done);
    } catch {
      done("again");
    }
  }

  /** The pipe is kept also when nobody waits any more: its end says that the thread is free. */
  #await(pipe: number, done: (answer: Answer | "again") => void): void {
    const watch = watchOrClose(this.#addon, pipe, () => {
      const answer = takeAnswer(pipe);
      watch.close();
      closeSync(pipe);
      done(answer);
    });
    watch.unref(); // the timer holds the process as long as somebody waits
    watch.start(READABLE);
  }
}

function takeAnswer(pipe: number): Answer | "again" {
  const buffer = new Uint8Array(ANSWER_MAX);
  const length = readPipe(pipe, buffer);
  const [error = 0] = new Int32Array(buffer.buffer, 0, 1);
  if (length === undefined || AGAIN.has(-error)) return "again";
  if (length < ERROR_SIZE || error < 0) return undefined;
  const end = buffer[length - 1] === 0x0a && length > ERROR_SIZE ? length - 1 : length;
  return buffer.slice(ERROR_SIZE, end);
}

/** Undefined if the system refuses it. */
function readPipe(pipe: number, buffer: Uint8Array): number | undefined {
  try {
    return readSync(pipe, buffer);
  } catch {
    return undefined;
  }
}
