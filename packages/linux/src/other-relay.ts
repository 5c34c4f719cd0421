import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Addon } from "./addon.js";
import { lockFile, saidIn } from "./file-lock.js";
import type { FileLock } from "./file-lock.js";
import type { PlacePath } from "./place-refusal.js";

/** Who has put a directory of his into a container. */
export interface OtherRelay {
  readonly pid: number;
  /** The directory. */
  readonly path: string;
}

/**
 * Who has noted that what he has locked is at a place of a mount namespace, and is at work. What is mounted there is not asked: a container
 * binds what it has of one wherever it likes, also into another container that it starts.
 */
export function otherAt(
  addon: Addon,
  own: FileLock,
  { at, mntns }: { readonly at: PlacePath; readonly mntns: bigint },
): OtherRelay | undefined {
  const isIt = new RegExp(`(?:^| )${at} (?:on-new placed|placed|bound|nodes) ${mntns}(?: |$)`);
  const home = dirname(own.path);
  for (const file of readdirSync(home).map((name) => join(home, name))) {
    const other = file === own.path ? undefined : holderOf(addon, file, isIt);
    if (other) return other;
  }
  return undefined;
}

function holderOf(addon: Addon, file: string, isIt: RegExp): OtherRelay | undefined {
  try {
    const { note, about } = saidIn(file);
    if (about === undefined || !isIt.test(note)) return undefined;
    const lock = lockFile(addon, file, about, true);
    if (!("release" in lock)) return lock.isSwept ? undefined : { pid: lock.holder, path: about };
    lock.release(true); // who noted it was killed
  } catch {
    // it went meanwhile
  }
  return undefined;
}
