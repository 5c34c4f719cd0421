import { closeSync } from "node:fs";

import { READABLE } from "./addon.js";
import type { Addon, Watch } from "./addon.js";
import { orUndo } from "./undo.js";

/** Watches a descriptor that is its caller's from then on, or closes it. @throws Error the system refuses it */
export function watchOrClose(addon: Addon, fd: number, onReady: () => void): Watch {
  return orUndo(
    () => new addon.Watch(fd, onReady),
    () => closeSync(fd),
  );
}

/** Calls back when a descriptor of somebody else can be read, once. Until then it holds no process. @throws Error the system refuses it */
export function onceReadable(addon: Addon, fd: number, then: () => void): Watch {
  const watch: Watch = new addon.Watch(fd, () => {
    watch.stop();
    then();
  });
  watch.unref();
  watch.start(READABLE);
  return watch;
}
