import { lstat, mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { BridgeError } from "@uevent-bridge/relay";

import { checkedName } from "../command/name.js";
import type { Runtime } from "../runtime-directory.js";

const SOCKET = ".sock";
const WRITE_BY_OTHERS = 0o022;
const ANYTHING_BY_OTHERS = 0o077;
const MAX_SOCKET_PATH = 107; // bytes of sockaddr_un.sun_path, less the NUL

/** The path of the control socket of the relay that serves a container. @throws BridgeError NAME_INVALID, PATH_UNUSABLE */
export function controlPath(runtime: Runtime, name: string): string {
  const path = join(controlDirectory(runtime), `${checkedName(name)}${SOCKET}`); // a container's name never begins with a dot
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  throw unusable(path, `is longer than the ${MAX_SOCKET_PATH} bytes of a socket's path`, "Use a shorter name.");
}

export function controlDirectory({ directory }: Runtime): string {
  return join(directory, ".control");
}

/** Where relays of this user write which container holds which device. */
export function claimsDirectory({ directory }: Runtime): string {
  return join(directory, ".claims");
}

/** The names of containers that have a control socket beside this one; a relay that was killed may have left its own. */
export async function namesBeside(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  const others = names.filter((name) => name.endsWith(SOCKET) && !name.startsWith(".") && name !== basename(path));
  return others.map((name) => basename(name, SOCKET)).sort();
}

/** All of them. */
export function attachedNames(runtime: Runtime): Promise<readonly string[]> {
  return namesBeside(join(controlDirectory(runtime), SOCKET));
}

/** Makes the directory of the control sockets, for this user alone. @throws BridgeError PATH_UNUSABLE */
export async function makeControlDirectory(runtime: Runtime): Promise<void> {
  const { directory, uid } = runtime;
  await makeOwned(directory, uid, 0o711, WRITE_BY_OTHERS); // a container's root goes through it to its own directory
  await makeOwned(controlDirectory(runtime), uid, 0o700, ANYTHING_BY_OTHERS);
}

async function makeOwned(path: string, uid: number, mode: number, forbidden: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw unusable(path, `cannot be made: ${String(error)}`, REMEDY, error);
  }
  const found = await lstat(path); // in /tmp somebody else may have been there first
  if (!found.isDirectory()) throw unusable(path, "is no directory", REMEDY);
  if (found.uid !== uid) throw unusable(path, `belongs to uid ${found.uid}`, REMEDY);
  if (found.mode & forbidden) throw unusable(path, "is open to other users", REMEDY);
}

const REMEDY = "Move it out of the way, or set XDG_RUNTIME_DIR to a directory of your own.";

function unusable(path: string, problem: string, remedy: string, cause?: unknown): BridgeError {
  return new BridgeError("PATH_UNUSABLE", `${path} ${problem}`, { remedy, cause });
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
