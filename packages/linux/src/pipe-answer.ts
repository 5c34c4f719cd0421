import { closeSync, readSync } from "node:fs";

import { READABLE } from "./addon.js";
import type { Addon } from "./addon.js";
import { errnoOf } from "./errno.js";
import { watchOrClose } from "./watch.js";

const TURNS = 10; // of the event loop, in which it may answer: while this process is busy itself, one passes

/**
 * What a process of ours answers on a pipe, at most `size` bytes; undefined if it does not in time: file systems of a container may never
 * answer. That lives on then, and owns what it needs.
 */
export function pipeAnswer(addon: Addon, pipe: number, size: number, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (answer: Buffer | undefined): void => {
      clearInterval(timer);
      watch.close();
      closeSync(pipe);
      resolve(answer);
    };
    const watch = watchOrClose(addon, pipe, () => done(readPipe(pipe, size)));
    let turns = 0;
    const timer = setInterval(() => ++turns === TURNS && done(undefined), timeoutMs / TURNS);
    watch.start(READABLE);
  });
}

/** What the system refuses to read is no answer. */
function readPipe(pipe: number, size: number): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  try {
    return bytes.subarray(0, readSync(pipe, bytes));
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}
