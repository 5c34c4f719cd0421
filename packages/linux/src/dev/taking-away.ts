import { codeOf } from "../errno.js";
import type { Hand } from "./hand.js";

/** It has gone, or something else has its name: a directory above it too. */
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ECANCELED", "ENOTDIR", "ELOOP", "EXDEV"]);

/** What is not what was made, or not there any more, is let be. False for a directory in which something is. @throws Error with the system's code */
export function takeAwayMade(hand: Hand, dev: number, name: string, inode: bigint): boolean {
  try {
    hand.remove(dev, name, inode);
  } catch (error) {
    if (codeOf(error) === "ENOTEMPTY") return false;
    if (!GONE.has(codeOf(error) ?? "")) throw error;
  }
  return true;
}
