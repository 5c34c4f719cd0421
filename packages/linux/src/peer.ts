import { closeSync } from "node:fs";

import type { Peer } from "@uevent-bridge/kernel";

import { WRITABLE } from "./addon.js";
import type { Addon, Watch } from "./addon.js";

/** Until it is tried again, where it cannot be heard when it may be. */
const UNWATCHED_MS = 50;

/** How C sends to a peer: `enum peer_kind` of native/core/outgoing.h. */
export const KIND = { unix: 0, uevent: 1, group: 2 } as const;

/** Where datagrams for a peer wait until they are flushed. */
export interface Line {
  /** Sends what waits for a peer that is about to close. */
  sendLast(peer: SocketPeer): void;
}

/** A connected socket to send to. Owns the descriptor. */
export class SocketPeer implements Peer {
  readonly kind: number;
  /** Whom the datagrams claim to be from, where that can be said. */
  readonly uid: number;
  readonly gid: number;
  /** The line that it was last put in. */
  line: Line | undefined;
  readonly #addon: Addon;
  #fd: number;
  #watch: Watch | undefined;
  #onWritable: (() => void) | undefined;

  constructor(
    addon: Addon,
    fd: number,
    kind: number = KIND.unix,
    from: { uid: number; gid: number } = { uid: 0, gid: 0 },
  ) {
    this.#addon = addon;
    this.#fd = fd;
    this.kind = kind;
    this.uid = from.uid;
    this.gid = from.gid;
  }

  /** -1 when it is closed. */
  get fd(): number {
    return this.#fd;
  }

  onceWritable(callback: () => void): void {
    if (this.#fd < 0) return;
    this.#onWritable = callback;
    try {
      this.#watch ??= this.#startWatch();
      this.#watch.start(WRITABLE);
    } catch {
      setTimeout(() => this.#writable(), UNWATCHED_MS).unref(); // the system gives nothing to watch it with
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    this.line?.sendLast(this);
    this.#watch?.close();
    this.#onWritable = undefined;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #startWatch(): Watch {
    const watch = new this.#addon.Watch(this.#fd, () => this.#writable());
    watch.unref(); // the source that feeds it holds the process, not a listener that does not read
    return watch;
  }

  #writable(): void {
    const callback = this.#onWritable;
    this.#onWritable = undefined;
    this.#watch?.stop();
    callback?.();
  }
}
