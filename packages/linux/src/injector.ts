import { closeSync, readSync } from "node:fs";

import type { Injector, Reader, Target } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { errnoOf } from "./errno.js";
import { GROUPS } from "./groups.js";
import { parseReaders } from "./netlink-table.js";
import { KIND, SocketPeer } from "./peer.js";

const TABLE_START = 4096; // bytes, some 40 sockets
const TABLE_MAX = 256 * 1024; // bytes, some 2000 sockets: a container that opens more is told of the first ones

/** A socket inside a network namespace through which one of its uevent groups is spoken to. Owns both descriptors. */
export class SocketInjector extends SocketPeer implements Injector {
  readonly #table: number;
  readonly #group: number;
  readonly #ours: ReadonlySet<number>;
  #buffer = Buffer.alloc(TABLE_START);
  #last: readonly Reader[] | undefined;

  /** `ours`: inodes of sockets that read there and are not the container's. */
  constructor(
    addon: Addon,
    fds: readonly [socket: number, table: number],
    group: number,
    root: Target["root"],
    ours: ReadonlySet<number>,
  ) {
    super(addon, fds[0], group === GROUPS.kernel ? KIND.uevent : KIND.group, root);
    this.#group = group;
    this.#table = fds[1];
    this.#ours = ours;
  }

  /** @throws ErrnoException if the system refuses it, and never showed them before */
  readers(): readonly Reader[] {
    if (this.fd < 0) return [];
    try {
      return (this.#last = this.#look());
    } catch (error) {
      errnoOf(error); // it is the system that refuses it: they are as they were
      if (this.#last) return this.#last;
      throw error;
    }
  }

  #look(): readonly Reader[] {
    const length = this.#readTable();
    const readers = parseReaders(this.#buffer.toString("latin1", 0, length), this.#group);
    return this.#ours.size === 0 ? readers : readers.filter(({ inode }) => !this.#ours.has(inode));
  }

  /** Fills the buffer, and makes it larger where it must; returns the table's length. */
  #readTable(): number {
    let length = 0;
    for (;;) {
      const count = readSync(this.#table, this.#buffer, length, this.#buffer.length - length, length);
      length += count;
      if (count === 0 || length === TABLE_MAX) return length;
      if (length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * length);
    }
  }

  override close(): void {
    if (this.fd >= 0) closeSync(this.#table);
    super.close();
  }
}
