import { closeSync, readSync } from "node:fs";

import { READABLE } from "./addon.js";
import type { Addon } from "./addon.js";

/**
 * What a process of ours answers on a pipe, at most `size` bytes; undefined if it does not in time: file systems of a container may never
 * answer. That lives on then, and owns what it needs.
 */
export function pipeAnswer(addon: Addon, pipe: number, size: number, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (answer: Buffer | undefined): void => {
      clearTimeout(timer);
      watch.close();
      closeSync(pipe);
      resolve(answer);
    };
    const watch = new addon.Watch(pipe, () => done(readPipe(pipe, size)));
    const timer = setTimeout(() => done(undefined), timeoutMs);
    watch.start(READABLE);
  });
}

function readPipe(pipe: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readSync(pipe, bytes));
}
