import { randomBytes } from "node:crypto";
import { link, lstat, readdir, rename, unlink } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { BridgeError } from "@uevent-bridge/relay";

import { isErrno } from "./directory.js";
import { hiddenPath, listenerOn } from "./listener.js";

/** Milliseconds after which a hidden socket is not about to be published: for a moment it is there before it listens. */
const HIDDEN_MS = 10_000;
/** Milliseconds for which what a killed relay had started may have its socket still, and answer there; it is looked again each … */
const ORPHAN_MS = 3000;
const LOOK_MS = 20;

/**
 * Listens on a path that belongs to one living process at a time: the path of a dead one is taken over, that of a
 * living one never. Closing the server removes it.
 *
 * @throws BridgeError NAME_TAKEN
 */
export async function claim(path: string, onConnection: (socket: Socket) => void): Promise<AsyncDisposable> {
  const hidden = hiddenPath(path); // nobody connects before it listens
  const server = await listenOn(hidden, onConnection);
  try {
    await publish(hidden, path);
    await removeAllDead(dirname(path), path);
  } catch (error) {
    await closed(server);
    throw error;
  }
  return { [Symbol.asyncDispose]: () => Promise.all([unlink(path), closed(server)]).then(() => undefined) };
}

async function publish(hidden: string, path: string): Promise<void> {
  for (const until = performance.now() + ORPHAN_MS; ; await pause(LOOK_MS)) {
    if ((await linked(hidden, path)) || ((await removeDead(path)) && (await linked(hidden, path)))) {
      return unlink(hidden);
    }
    const pid = (await listenerOn(path, hidden))?.pid;
    if (pid !== undefined || performance.now() > until) throw taken(path, pid);
  }
}

function taken(path: string, pid: number | undefined): BridgeError {
  const [who, end] = pid === undefined ? ["", "end that relay"] : [` (pid ${pid})`, `end that relay: kill ${pid}`];
  const remedy = `For another container choose another name. For the same one use grant and revoke with this name, or ${end}.`;
  return new BridgeError("NAME_TAKEN", `another relay${who} serves this name: ${path}`, { remedy });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to); // unlike rename it never replaces
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** What processes that were killed left under other names, and under those that a socket has before it is published. */
async function removeAllDead(directory: string, own: string): Promise<void> {
  const paths = (await readdir(directory)).map((name) => join(directory, name)).filter((path) => path !== own);
  const isOld = await Promise.all(paths.map(async (path) => path.endsWith(".sock") || (await ageOf(path)) > HIDDEN_MS));
  await Promise.all(paths.filter((_, i) => isOld[i]).map(removeDead));
}

/** Milliseconds since it was made. */
async function ageOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  return found ? Date.now() - found.mtimeMs : 0;
}

/** Removes the socket of a process that is gone; false if somebody answers there. */
async function removeDead(path: string): Promise<boolean> {
  const before = await lstat(path).catch(() => undefined);
  if (!before) return true;
  if (await answers(path)) return false;
  const aside = besides(path);
  await rename(path, aside).catch(() => undefined);
  const moved = await lstat(aside).catch(() => undefined);
  if (moved && moved.ino !== before.ino) await linked(aside, path); // somebody was quicker: it is theirs
  await removeIfThere(aside);
  return moved === undefined || moved.ino === before.ino;
}

function besides(path: string): string {
  return join(dirname(path), `.${randomBytes(6).toString("hex")}`);
}

/** False if the process of a socket is gone. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => done(true)).once("error", (error) => done(!isErrno(error, "ECONNREFUSED")));
  });
}

function listenOn(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection).once("error", reject);
    server.listen(path, () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isErrno(error, "ENOENT")) throw error;
  });
}
