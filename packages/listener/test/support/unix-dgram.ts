import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";

/** unix-dgram as it is, to show its traps and to send. */
export interface UnixDgram {
  createSocket(type: "unix_dgram", onMessage?: (bytes: Buffer) => void): Socket;
}

export interface Socket extends EventEmitter {
  bind(path: string): void;
  connect(path: string): void;
  send(bytes: Buffer, callback: (error?: { code: number }) => void): void;
  close(): void;
}

export const unixDgram = createRequire(import.meta.url)("unix-dgram") as UnixDgram;
