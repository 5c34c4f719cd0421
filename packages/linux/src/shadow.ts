import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

import type { Injector, Shadow, Target, UeventGroup } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { inside } from "./directory-above.js";
import { leaveDirectory, openOwnDirectory } from "./directory-open.js";
import { ERRNO, codeOf, systemError } from "./errno.js";
import { O_PATH } from "./flags.js";
import { startHolder } from "./holder.js";
import type { NamespaceTarget } from "./target.js";
import type { TargetTools } from "./target-tools.js";
import { openTarget } from "./target.js";
import { orUndo } from "./undo.js";

/** As long as it is open, the holder waits for programs, even if there are none yet. */
interface Connection {
  readonly fd: number;
  readonly pid: number;
}

/** @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, ADDON_MISSING, KERNEL_TOO_OLD */
export async function openShadow(tools: TargetTools, given: string): Promise<Shadow> {
  const path = resolve(given);
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const directory = openOwnDirectory(dirname(path), own);
  try {
    const entry = inside(directory.fd, basename(path));
    const connection = connect(tools.addon, entry, path) ?? (await startAndConnect(tools, entry, path));
    return orUndo(
      () => new HeldShadow(tools, path, connection),
      () => closeSync(connection.fd),
    );
  } finally {
    leaveDirectory(directory);
  }
}

async function startAndConnect({ addon, agent }: TargetTools, entry: string, path: string): Promise<Connection> {
  await startHolder(agent?.(), path);
  const connection = connect(addon, entry, path);
  if (connection) return connection;
  throw endedAtOnce(path);
}

/** Undefined if nobody listens there. @throws KernelError PATH_UNUSABLE */
function connect(addon: Addon, entry: string, path: string): Connection | undefined {
  const file = openEntry(entry);
  if (file === undefined) return undefined;
  try {
    if (!fstatSync(file).isSocket()) throw unusable(path, "it is no socket", "remove it, or give another path");
    const fd = addon.connectStream(file);
    if (fd === -ERRNO.ECONNREFUSED) return undefined; // a holder that was killed left it
    if (fd < 0)
      throw unusable(path, "its holder does not answer", "end it, then try again", systemError("connect", fd));
    return { fd, pid: addon.socketPeer(fd) };
  } finally {
    closeSync(file);
  }
}

function openEntry(entry: string): number | undefined {
  try {
    return openSync(entry, O_PATH | constants.O_NOFOLLOW);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw cause;
  }
}

function endedAtOnce(path: string): KernelError {
  return unusable(path, "its holder ended at once", "try again");
}

function unusable(path: string, problem: string, remedy: string, cause?: unknown): KernelError {
  return new KernelError("PATH_UNUSABLE", `${path} cannot be a shadow: ${problem}`, remedy, { cause });
}

/** The connection is looked at last: while it is open its holder has not ended, and its pid was no other's. */
function openHolder(tools: TargetTools, path: string, { fd, pid }: Connection): NamespaceTarget {
  const target = openTarget(tools, { pid });
  return orUndo(
    () => {
      if (tools.addon.socketHasEnded(fd) !== 0) throw endedAtOnce(path);
      if (!target.ownedByInitialUserns) return target;
      throw unusable(path, `process ${pid}, which listens there, holds none`, "give another path");
    },
    () => target.close(),
  );
}

class HeldShadow implements Shadow {
  readonly path: string;
  readonly pid: number;
  readonly root: Target["root"];
  readonly ended: Promise<void>;
  readonly #connection: Connection;
  readonly #target: NamespaceTarget;
  #closed = false;

  constructor(tools: TargetTools, path: string, connection: Connection) {
    this.path = path;
    this.pid = connection.pid;
    this.#connection = connection;
    this.#target = openHolder(tools, path, connection);
    this.root = this.#target.root;
    this.ended = this.#target.ended;
  }

  openInjector(group: UeventGroup, reader: Target["root"]): Injector {
    return this.#target.openInjectorAs(group, reader);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#target.close();
    closeSync(this.#connection.fd);
  }
}
