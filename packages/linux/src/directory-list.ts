import { lstatSync, opendirSync } from "node:fs";
import type { Dir, Dirent } from "node:fs";

import type { SocketEntry } from "@uevent-bridge/kernel";

const SUFFIX = ".sock";
const LOOKED_AT_MAX = 8192; // entries: whoever fills a directory with more hides its own sockets
const NOT_UTF8 = "\uFFFD";

/** What was found; `more` says that there was more than was asked for, or than was looked at. */
export interface SocketList {
  readonly entries: readonly SocketEntry[];
  readonly more: boolean;
}

/** The sockets in an open directory whose names end in `.sock`. Never looks at more than LOOKED_AT_MAX entries. */
export function listSockets(directory: number, limit: number): SocketList {
  const place = `/proc/self/fd/${directory}`;
  const stream = opendirSync(place, { bufferSize: 256 });
  try {
    return collect(stream, place, limit);
  } finally {
    stream.closeSync();
  }
}

function collect(stream: Dir, place: string, limit: number): SocketList {
  const entries: SocketEntry[] = [];
  for (let looked = 0; looked < LOOKED_AT_MAX; looked++) {
    const found = stream.readSync();
    if (!found) return { entries, more: false };
    const entry = mayBeListener(found) ? read(place, found.name) : undefined;
    if (!entry) continue;
    if (entries.length === limit) return { entries, more: true };
    entries.push(entry);
  }
  return { entries, more: true };
}

/** A name that is not UTF-8 cannot be asked for again. */
function mayBeListener(found: Dirent): boolean {
  return found.isSocket() && found.name.endsWith(SUFFIX) && !found.name.includes(NOT_UTF8);
}

function read(place: string, name: string): SocketEntry | undefined {
  const found = lstatSync(`${place}/${name}`, { bigint: true, throwIfNoEntry: false });
  return found?.isSocket() ? { name, inode: found.ino, born: found.mtimeNs } : undefined;
}
