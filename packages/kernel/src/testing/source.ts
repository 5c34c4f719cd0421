import { BATCH_SIZE } from "../source.js";
import type { Batch, Source, SourceOptions } from "../source.js";
import type { NetlinkSocket } from "./netlink.js";
import type { FakeNetns } from "./netns.js";
import { Slab } from "./slab.js";
import type { Mortal, World } from "./world.js";

/** A source on a netns: one batch for each turn while it is resumed. */
export class FakeSource implements Source, Mortal {
  readonly receiveBuffer: number;
  readonly #netns: FakeNetns;
  readonly #socket: NetlinkSocket;
  readonly #group: SourceOptions["group"];
  readonly #onBatch: (batch: Batch) => void;
  readonly #world: World;
  readonly #slab = new Slab();
  #resumed = false;
  #drained = true; // by what was said last
  #referenced = true;
  #closed = false;
  #scheduled = false;
  #delivering = false;

  constructor(netns: FakeNetns, socket: NetlinkSocket, options: SourceOptions, world: World) {
    this.#netns = netns;
    this.#socket = socket;
    this.#group = options.group;
    this.#onBatch = options.onBatch;
    this.#world = world;
    this.receiveBuffer = socket.receiveBuffer;
    socket.onReadable = () => this.#schedule();
    world.sources.add(socket);
    world.opened.add(this);
    netns.listeners(options.group).add(socket);
  }

  resume(): void {
    this.#resumed = true;
    this.#update();
    this.#schedule();
  }

  pause(): void {
    this.#resumed = false;
    this.#update();
  }

  drain(): void {
    if (this.#delivering) throw new Error("drain() from within onBatch: the slab is in use");
    while (!this.#closed && !this.#deliver());
  }

  ref(): void {
    this.#referenced = true;
    this.#update();
  }

  unref(): void {
    this.#referenced = false;
    this.#update();
  }

  close(): void {
    this.#closed = true;
    this.#netns.listeners(this.#group).delete(this.#socket);
    this.#world.sources.delete(this.#socket);
    this.#world.opened.delete(this);
    this.#update();
  }

  kill(): void {
    this.close();
  }

  get #live(): boolean {
    return this.#resumed && !this.#closed;
  }

  #update(): void {
    this.#world.hold.set(this, this.#live && this.#referenced);
  }

  #schedule(): void {
    if (this.#scheduled || !this.#live || (this.#drained && !this.#socket.readable)) return;
    this.#scheduled = true;
    this.#world.turns.add(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    if (!this.#live) return;
    this.#deliver();
    this.#schedule(); // also if a full batch took the last: only EAGAIN says so
  }

  /** Hands over one batch; true if the queue was empty after it. */
  #deliver(): boolean {
    const overrun = this.#socket.takeError();
    this.#slab.clear();
    while (this.#slab.count < BATCH_SIZE) {
      const datagram = this.#socket.take();
      if (!datagram) break;
      this.#slab.add(datagram);
    }
    const drained = this.#slab.count < BATCH_SIZE;
    this.#drained = drained;
    this.#delivering = true;
    try {
      this.#onBatch(this.#slab.batch(overrun, drained));
    } finally {
      this.#delivering = false;
      this.#slab.poison();
    }
    return drained;
  }
}
