import { closeSync, readSync } from "node:fs";

import type { Injector, Reader, Target } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { parseReaders } from "./netlink-table.js";
import { KIND, SocketPeer } from "./peer.js";

const TABLE_MAX = 256 * 1024; // bytes, some 2000 sockets: a container that opens more is told of the first ones

/** A socket inside a network namespace through which its uevent group is spoken to. Owns both descriptors. */
export class SocketInjector extends SocketPeer implements Injector {
  readonly #table: number;
  readonly #ours: ReadonlySet<number>;
  readonly #buffer = Buffer.alloc(TABLE_MAX);

  /** `ours`: inodes of sockets that read there and are not the container's. */
  constructor(
    addon: Addon,
    fds: readonly [socket: number, table: number],
    root: Target["root"],
    ours: ReadonlySet<number>,
  ) {
    super(addon, fds[0], KIND.uevent, root);
    this.#table = fds[1];
    this.#ours = ours;
  }

  readers(): readonly Reader[] {
    if (this.fd < 0) return [];
    let length = 0;
    for (let count = -1; count !== 0 && length < TABLE_MAX; length += count) {
      count = readSync(this.#table, this.#buffer, length, TABLE_MAX - length, length);
    }
    const readers = parseReaders(this.#buffer.toString("latin1", 0, length));
    return this.#ours.size === 0 ? readers : readers.filter(({ inode }) => !this.#ours.has(inode));
  }

  override close(): void {
    if (this.fd >= 0) closeSync(this.#table);
    super.close();
  }
}
