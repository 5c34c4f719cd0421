import type { Datagram, NetlinkSocket } from "./netlink.js";
import type { UeventGroup } from "../target.js";
import type { FakeReader } from "./reader.js";
import { Tree } from "./tree.js";

/** Who owns a network namespace: uid 0 and gid 0 of its user namespace as host ids. */
export interface Owner {
  /** True if it is the initial user namespace. */
  readonly initial: boolean;
  readonly uid: number;
  readonly gid: number;
}

export const INITIAL: Owner = { initial: true, uid: 0, gid: 0 };

/** A network namespace: who listens in it, and its network devices. */
export class FakeNetns {
  readonly inode: bigint;
  readonly owner: Owner;
  /** Its network devices and what is below them. */
  readonly tree = new Tree();
  /** Programs that listen in it. */
  readonly readers = new Set<FakeReader>();
  readonly #listeners = {
    kernel: new Set<NetlinkSocket>(),
    udev: new Set<NetlinkSocket>(),
    "libudev-zero": new Set<NetlinkSocket>(),
  } satisfies Record<UeventGroup, unknown>;

  constructor(inode: bigint, owner: Owner) {
    this.inode = inode;
    this.owner = owner;
  }

  /** Sockets that listen to a group. */
  listeners(group: UeventGroup): Set<NetlinkSocket> {
    return this.#listeners[group];
  }

  /** Puts a datagram into the queue of each who listens. */
  say(group: UeventGroup, datagram: Datagram): void {
    for (const socket of this.listeners(group)) socket.push(datagram);
  }
}
