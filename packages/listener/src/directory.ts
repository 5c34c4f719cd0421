import { closeSync, constants, existsSync, fstatSync, openSync } from "node:fs";
import { resolve } from "node:path";

import { PATH_LIMIT } from "./datagram-socket.js";
import { ListenerError } from "./errors.js";
import { NAME_LIMIT } from "./names.js";

/** A directory into which sockets are bound, held open so that a long path to it can be said in few bytes. */
export interface Directory {
  readonly path: string;
  /** The path of an entry, short enough for a socket. */
  at(name: string): string;
  /** True if it was removed: a mount still shows it, but nothing can be in it. */
  isRemoved(): boolean;
  close(): void;
}

/** @throws ListenerError PATH_UNUSABLE */
export function openDirectory(dir: string): Directory {
  const path = resolve(dir);
  const fd = open(path);
  const base = fitting(path, fd);
  return {
    path,
    at: (name) => `${base}/${name}`,
    isRemoved: () => fstatSync(fd).nlink === 0,
    close: () => closeSync(fd),
  };
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (cause) {
    throw new ListenerError("PATH_UNUSABLE", `cannot listen in ${JSON.stringify(path)}: ${reason(cause)}`, {
      remedy: codeOf(cause) === "EACCES" ? NOT_OURS : NOT_THERE,
      cause,
    });
  }
}

const NOT_THERE = "Mount the directory that the relay made for this container there, or name the one where it is.";
const NOT_OURS =
  "Listen as the user who owns the directory: the container's root, or the relay's own user where the relay was given no process of it.";

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

function reason(cause: unknown): string {
  const code = codeOf(cause);
  if (code === "ENOENT") return "there is no such directory";
  if (code === "ENOTDIR") return "it is not a directory";
  if (code === "ERR_INVALID_ARG_VALUE") return "there are no abstract names, only directories";
  if (code === "EACCES") return "it may not be read by this user";
  return String(code ?? cause);
}

function fitting(path: string, fd: number): string {
  if (Buffer.byteLength(path) + 1 + NAME_LIMIT <= PATH_LIMIT) return path;
  const short = `/proc/self/fd/${fd}`;
  if (existsSync(short)) return short;
  closeSync(fd);
  throw new ListenerError("PATH_UNUSABLE", `the path is too long for sockets in it: ${path}`, {
    remedy: `Use a directory whose path has at most ${PATH_LIMIT - 1 - NAME_LIMIT} bytes, or mount /proc.`,
  });
}
