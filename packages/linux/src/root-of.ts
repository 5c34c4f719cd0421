import { closeSync, openSync } from "node:fs";

import { O_PATH } from "./flags.js";

/** Starts something that looks from the root of a process: what it returns, or -1 if that root is not ours to see, or it has ended. */
export function fromRootOf(pid: number, start: (root: number) => number): number {
  let root: number;
  try {
    root = openSync(`/proc/${pid}/root`, O_PATH);
  } catch {
    return -1;
  }
  try {
    return start(root);
  } finally {
    closeSync(root);
  }
}
