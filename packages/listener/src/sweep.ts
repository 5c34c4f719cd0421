import { readdirSync } from "node:fs";

import { DatagramSocket } from "./datagram-socket.js";
import type { Directory } from "./directory.js";
import { isOurs } from "./names.js";
import { remove } from "./remove.js";

/** Removes the files of listeners of ours that were killed, as far as possible: the relay unlinks nothing and counts each of them. */
export function sweep(directory: Directory): void {
  for (const name of namesIn(directory)) {
    if (isOurs(name) && isDead(directory.at(name))) remove(directory.at(name));
  }
}

function namesIn(directory: Directory): readonly string[] {
  try {
    return readdirSync(directory.at("."));
  } catch {
    return []; // the bind will say what is wrong
  }
}

/** A name of ours is there only after its `bind`, so who refuses will never answer again. */
function isDead(path: string): boolean {
  const probe = new DatagramSocket({ onDatagram: () => {}, onCut: () => {} });
  try {
    return probe.connect(path) === "ECONNREFUSED";
  } finally {
    probe.close();
  }
}
