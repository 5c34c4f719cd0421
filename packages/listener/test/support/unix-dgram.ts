import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";

import { needs } from "../../../../test/needs.js";

interface UnixDgram {
  createSocket(type: "unix_dgram", onMessage?: (bytes: Buffer) => void): Socket;
}

export interface Socket extends EventEmitter {
  bind(path: string): void;
  connect(path: string): void;
  send(bytes: Buffer, callback: (error?: { code: number }) => void): void;
  close(): void;
}

/** Options for `test` and `describe`: skipped where unix-dgram was not compiled. */
export const withSockets = needs("unix-dgram");

/** A socket of unix-dgram as it is, to show its traps and to send. */
export function createSocket(onMessage?: (bytes: Buffer) => void): Socket {
  const unixDgram = createRequire(import.meta.url)("unix-dgram") as UnixDgram;
  return unixDgram.createSocket("unix_dgram", onMessage);
}

/** A socket's file that nobody has open any more. */
export function deadSocket(path: string): void {
  const socket = createSocket();
  socket.bind(path);
  socket.close();
}
