import type { UeventGroup } from "../target.js";
import { NetlinkSocket } from "./netlink.js";
import type { FakeNetns } from "./netns.js";
import type { World } from "./world.js";

/** A program in a container that listens to a uevent group: the kernel's, as udevd does, or another. */
export class FakeReader {
  /** As `Injector.readers()` names it. */
  readonly inode: number;
  readonly #netns: FakeNetns;
  readonly #socket: NetlinkSocket;
  readonly #group: UeventGroup;
  #overruns = 0;
  #uid: number | undefined;

  constructor(world: World, netns: FakeNetns, receiveBuffer: number, group: UeventGroup) {
    this.inode = world.nextInode();
    this.#netns = netns;
    this.#group = group;
    this.#socket = new NetlinkSocket(this.inode, receiveBuffer);
    netns.listeners(group).add(this.#socket);
  }

  /** How often it was told ENOBUFS. */
  get overruns(): number {
    return this.#overruns;
  }

  /** The host id of the sender of the last datagram that was read. */
  get uid(): number | undefined {
    return this.#uid;
  }

  /** The next datagram; undefined when there is none. */
  read(): Uint8Array | undefined {
    if (this.#socket.takeError()) this.#overruns++;
    const datagram = this.#socket.take();
    if (datagram) this.#uid = datagram.uid;
    return datagram?.bytes.slice();
  }

  /** All that wait. */
  readAll(): Uint8Array[] {
    return [...iterate(() => this.read())];
  }

  close(): void {
    this.#netns.listeners(this.#group).delete(this.#socket);
  }
}

/** Values until the first undefined. */
export function* iterate<T>(next: () => T | undefined): Generator<T> {
  for (let value = next(); value !== undefined; value = next()) yield value;
}
