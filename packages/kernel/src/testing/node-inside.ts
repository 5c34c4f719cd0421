import type { DeviceEntry } from "../device-directory.js";
import type { NodeInside } from "../inside.js";

const DEV = "/dev/";
const LINKS_MAX = 40; // as the kernel follows

/** What every runtime makes. */
const OF_RUNTIME: ReadonlyMap<string, DeviceEntry> = new Map([
  ["null", { kind: "node", type: "char", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 }],
]);

/** What the programs of a fake container find at a path. @param dev what is in its `/dev`, if that is not its runtime's */
export function nodeAt(path: string, dev: ReadonlyMap<string, DeviceEntry> = OF_RUNTIME): NodeInside {
  if (!path.startsWith(DEV)) return "no-node";
  let at = path.slice(DEV.length);
  for (let links = 0; links < LINKS_MAX; links++) {
    const entry = dev.get(at);
    if (entry?.kind === "node") return nodeOf(entry);
    if (entry?.kind !== "link") return entry ? "no-node" : "absent";
    at = new URL(entry.target, `file://${DEV}${at}`).pathname.slice(DEV.length);
  }
  return "absent";
}

function nodeOf({ type, major, minor, mode, uid, gid }: Extract<DeviceEntry, { kind: "node" }>): NodeInside {
  return { type, major, minor, mode, uid, gid, opens: true };
}
