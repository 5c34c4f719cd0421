import { lstatSync, readdirSync } from "node:fs";

import { DatagramSocket } from "./datagram-socket.js";
import type { Directory } from "./directory.js";
import { isHidden, isOurs } from "./names.js";
import { remove } from "./remove.js";

/** Milliseconds after which a socket with a hidden name that nobody answers for is a dead one's: it is there before its `bind` is complete. */
const BINDING_MS = 10_000;

/** Removes the files of listeners of ours that were killed, as far as possible: the relay unlinks nothing and counts each of them. */
export function sweep(directory: Directory): void {
  for (const name of namesIn(directory)) {
    const isComplete = isOurs(name) || (isHidden(name) && isOld(directory.at(name)));
    if (isComplete && isDead(directory.at(name))) remove(directory.at(name));
  }
}

function namesIn(directory: Directory): readonly string[] {
  try {
    return readdirSync(directory.at("."));
  } catch {
    return []; // the bind will say what is wrong
  }
}

function isOld(path: string): boolean {
  try {
    return Date.now() - lstatSync(path).ctimeMs >= BINDING_MS;
  } catch {
    return false; // it has its name now, or is gone
  }
}

/** Its `bind` is complete, so who refuses will never answer again. */
function isDead(path: string): boolean {
  const probe = new DatagramSocket({ onDatagram: () => {}, onCut: () => {} });
  try {
    return probe.connect(path) === "ECONNREFUSED";
  } finally {
    probe.close();
  }
}
