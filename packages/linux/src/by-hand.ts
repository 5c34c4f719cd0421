import { closeSync, constants, openSync } from "node:fs";
import { basename, resolve } from "node:path";

import { asHeldUp } from "./dev/guarded-work.js";
import type { Hand } from "./dev/hand.js";
import { findAbove, inside, openAbove } from "./directory-above.js";
import { UNSETTLED } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import { codeOf } from "./errno.js";
import { O_PATH } from "./flags.js";

/**
 * Makes a directory beside others, unless it is there: programs of a container may hold up one of those while it is removed, and who makes one
 * beside it would wait. @throws KernelError PATH_UNUSABLE: it is held up
 */
export function makeByHand(hand: Hand, given: string, owner: { readonly uid: number; readonly gid: number }): void {
  const path = resolve(given);
  try {
    withAbove(openAbove(path), (above) => {
      if (hand.look(above, basename(path))) return;
      hand.put(above, above, basename(path), { mode: constants.S_IFDIR | UNSETTLED, ...owner });
    });
  } catch (cause) {
    const error = asHeldUp(path, cause); // what else is wrong is said where it is opened
    if (error) throw error;
  }
}

/** Removes one, if it is empty. @throws Error with the system's code */
export function removeByHand(hand: Hand, { fd, path }: OpenedDirectory): void {
  withAbove(openSync(inside(fd, ".."), O_PATH), (above) => hand.take(above, basename(path)));
}

/** Whether it is there; nothing is made on the way. @throws Error with the system's code: ETIMEDOUT if what it is in is held up */
export function isThereByHand(hand: Hand, path: string): boolean {
  try {
    return withAbove(findAbove(path), (above) => hand.look(above, basename(path)) !== undefined);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return false; // what it was in has gone
    throw error;
  }
}

function withAbove<T>(above: number, work: (above: number) => T): T {
  try {
    return work(above);
  } finally {
    closeSync(above);
  }
}
