import type { Program } from "../inside.js";
import type { UeventGroup } from "../target.js";
import { NetlinkSocket } from "./netlink.js";
import type { FakeNetns } from "./netns.js";
import type { World } from "./world.js";

export interface ReaderOptions {
  /** Bytes. Default: as Linux has it. */
  readonly receiveBuffer?: number;
  /** Default `kernel`. `none`: it is bound and hears nothing, as a program of libudev does that found no udevd. */
  readonly group?: UeventGroup | "none";
  /** Default `reader`. */
  readonly program?: string;
  /** Default false. */
  readonly isFiltered?: boolean;
}

/** A program in a container that listens to a uevent group: the kernel's, as udevd does, or another. */
export class FakeReader {
  /** As `Injector.readers()` names it. */
  readonly inode: number;
  readonly #netns: FakeNetns;
  readonly #socket: NetlinkSocket;
  readonly #options: ReaderOptions & { readonly receiveBuffer: number; readonly pid: number };
  #overruns = 0;
  #uid: number | undefined;

  constructor(
    world: World,
    netns: FakeNetns,
    options: ReaderOptions & { readonly receiveBuffer: number; readonly pid: number },
  ) {
    this.inode = world.nextInode();
    this.#netns = netns;
    this.#options = options;
    this.#socket = new NetlinkSocket(this.inode, options.receiveBuffer);
    if (this.#group) netns.listeners(this.#group).add(this.#socket);
    netns.readers.add(this);
  }

  get #group(): UeventGroup | undefined {
    const { group = "kernel" } = this.#options;
    return group === "none" ? undefined : group;
  }

  /** As `Target.programs()` tells of it. */
  describe(): Program {
    const { pid, program = "reader", receiveBuffer, isFiltered = false } = this.#options;
    const { inode, rmem, drops } = this.#socket;
    const groups = this.#group ? [this.#group] : [];
    return {
      pid,
      name: program,
      usesLibudev: this.#group !== "kernel",
      sockets: [{ inode, rmem, drops, groups, receiveBuffer, isFiltered }],
    };
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
    if (this.#group) this.#netns.listeners(this.#group).delete(this.#socket);
    this.#netns.readers.delete(this);
  }
}

/** Values until the first undefined. */
export function* iterate<T>(next: () => T | undefined): Generator<T> {
  for (let value = next(); value !== undefined; value = next()) yield value;
}
