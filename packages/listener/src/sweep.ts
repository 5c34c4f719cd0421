import { readdirSync, rmSync } from "node:fs";

import { DatagramSocket } from "./datagram-socket.js";
import type { Directory } from "./directory.js";
import { isOurs } from "./names.js";

/** Removes the files of listeners of ours that were killed: the relay unlinks nothing and counts each of them. */
export function sweep(directory: Directory): void {
  for (const name of readdirSync(directory.at("."))) {
    if (isOurs(name) && isDead(directory.at(name))) rmSync(directory.at(name), { force: true });
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
