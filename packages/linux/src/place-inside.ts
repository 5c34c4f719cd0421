import { constants, statSync } from "node:fs";

import type { DirectoryInside, EntryInside, PlaceInside } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { ERRNO } from "./errno.js";
import { pipeAnswer } from "./pipe-answer.js";
import { fromRootOf } from "./root-of.js";

const LOOK_MS = 2000; // file systems of a container may never answer
const ANSWER_MAX = 32_768; // bytes: GLANCE_ANSWER
const SURVEY_SIZE = 48; // bytes: struct survey
const ENTRY_HEADER = 8; // bytes: struct survey_entry
const TYPE = 0o170000; // of a mode

/** What programs find at a path that see the root of a process. */
export async function placeInside(addon: Addon, pid: number, path: string): Promise<PlaceInside> {
  const pipe = fromRootOf(pid, (root) => addon.startSurveying(root, Buffer.from(path).toString("latin1")));
  const answer = pipe < 0 ? undefined : await pipeAnswer(addon, pipe, ANSWER_MAX, LOOK_MS);
  return answer && answer.length >= SURVEY_SIZE ? parse(answer, path) : "unknown";
}

function parse(answer: Buffer, path: string): PlaceInside {
  const error = answer.readInt32LE(16);
  if (error === -ERRNO.ENOENT) return "absent";
  if (error === -ERRNO.ENOTDIR) return "no-directory"; // what is above it
  if (error < 0) return "unknown";
  return (answer.readUInt32LE(20) & TYPE) === constants.S_IFDIR ? describe(answer, path) : "no-directory";
}

function describe(answer: Buffer, path: string): DirectoryInside {
  const [device, inode] = [answer.readBigUInt64LE(0), answer.readBigUInt64LE(8)];
  const [uid = 0, links, readOnly, more, length = 0] = [24, 28, 32, 36, 40].map((at) => answer.readUInt32LE(at));
  return {
    uid,
    isReadOnly: readOnly === 1,
    isRemoved: links === 0,
    isOurs: isAt(path, device, inode),
    entries: [...entriesIn(answer)],
    more: more === 1 || answer.length < length,
  };
}

function isAt(path: string, device: bigint, inode: bigint): boolean {
  try {
    const ours = statSync(path, { bigint: true });
    return ours.dev === device && ours.ino === inode;
  } catch {
    return false; // nothing, or nothing that we may see
  }
}

/** Those that are there as a whole. */
function* entriesIn(answer: Buffer): Generator<EntryInside> {
  for (let at = SURVEY_SIZE; at + ENTRY_HEADER <= answer.length;) {
    const [error, type, length] = [answer.readInt32LE(at), answer.readUInt16LE(at + 4), answer.readUInt8(at + 6)];
    const end = at + ENTRY_HEADER + length;
    if (end > answer.length) return;
    yield { name: answer.toString("utf8", at + ENTRY_HEADER, end), kind: kindOf(type, error) };
    at = end;
  }
}

function kindOf(type: number, error: number): EntryInside["kind"] {
  if (type === constants.S_IFDIR) return "directory";
  if (type === constants.S_IFLNK) return "symlink";
  if (type !== constants.S_IFSOCK) return "other";
  if (error === 0) return "listener";
  return error === -ERRNO.ECONNREFUSED ? "dead" : "socket";
}
