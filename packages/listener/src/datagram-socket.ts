import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { getSystemErrorName } from "node:util";
import { isMainThread } from "node:worker_threads";

import { ListenerError } from "./errors.js";

/** What we use of unix-dgram 2.0.7, which comes without types. */
interface UnixDgram {
  createSocket(type: "unix_dgram", onMessage: (bytes: Buffer) => void): UnixDgramSocket;
}

interface UnixDgramSocket extends EventEmitter {
  bind(path: string): void;
  connect(path: string): void;
  close(): void;
}

/** Longest path of a socket in bytes: `sun_path` without its NUL. unix-dgram cuts a longer one without a word. */
export const PATH_LIMIT = 107;

/** unix-dgram's buffer in bytes: what is longer is cut without a word, so what fills it may have been. */
const RECEIVE_LIMIT = 65_536;

export interface Receive {
  readonly onDatagram: (bytes: Uint8Array) => void;
  /** A datagram came that was too long to be read whole. */
  readonly onCut: () => void;
}

/** A socket of unix-dgram with its traps covered: each method says what happened, and closing twice is harmless. */
export class DatagramSocket {
  readonly #socket: UnixDgramSocket;
  #failure: string | undefined;
  #closed = false;

  /** @throws ListenerError ADDON_MISSING */
  constructor({ onDatagram, onCut }: Receive) {
    this.#socket = createSocket((bytes) => {
      if (bytes.length >= RECEIVE_LIMIT) onCut();
      else if (bytes.length > 0) onDatagram(bytes); // nobody means anything by an empty one
    });
    this.#socket.on("error", ({ errno }: { errno: number }) => (this.#failure = getSystemErrorName(errno)));
  }

  /** Returns `EADDRINUSE` and the like, undefined if it is bound. @throws ListenerError PATH_UNUSABLE */
  bind(path: string): string | undefined {
    return this.#try("bind", path);
  }

  /** Returns `ECONNREFUSED` and the like, undefined if somebody is there. @throws ListenerError PATH_UNUSABLE */
  connect(path: string): string | undefined {
    return this.#try("connect", path);
  }

  close(): void {
    if (this.#closed) return; // a second close() of unix-dgram's aborts the process
    this.#closed = true;
    this.#socket.close();
  }

  #try(call: "bind" | "connect", path: string): string | undefined {
    checkPath(path);
    this.#failure = undefined;
    this.#socket[call](path); // its "error" comes before it returns
    return this.#failure;
  }
}

function createSocket(onMessage: (bytes: Buffer) => void): UnixDgramSocket {
  if (!isMainThread) {
    // a worker that loads it first succeeds, and then runs on the loop of another thread
    throw missing("unix-dgram cannot be used in a worker thread", "Listen in the main thread and post the messages.");
  }
  try {
    const unixDgram = createRequire(import.meta.url)("unix-dgram") as UnixDgram;
    return unixDgram.createSocket("unix_dgram", onMessage);
  } catch (cause) {
    const remedy = "Install a C++ compiler, make and python3, then run: npm rebuild unix-dgram";
    throw missing("unix-dgram, which is compiled when it is installed, cannot be loaded", remedy, cause);
  }
}

function missing(message: string, remedy: string, cause?: unknown): ListenerError {
  return new ListenerError("ADDON_MISSING", message, { remedy, cause });
}

function checkPath(path: string): void {
  if (path.includes("\0")) {
    const remedy = "Name a directory in the file system: abstract names are not possible.";
    throw new ListenerError("PATH_UNUSABLE", `a socket's path holds a NUL: ${JSON.stringify(path)}`, { remedy });
  }
  const length = Buffer.byteLength(path);
  if (length > PATH_LIMIT) {
    const message = `a socket's path of ${length} bytes is too long, at most ${PATH_LIMIT} are possible: ${path}`;
    throw new ListenerError("PATH_UNUSABLE", message, { remedy: "Use a directory with a shorter path." });
  }
}
