import { Hole } from "../hole.js";
import { BATCH_SIZE } from "../source.js";
import type { Batch, Source, SourceOptions } from "../source.js";
import type { Datagram, NetlinkSocket } from "./netlink.js";
import type { FakeNetns } from "./netns.js";
import { Slab } from "./slab.js";
import type { Mortal, World } from "./world.js";

/** What outlives its owner where somebody keeps it. */
export interface LeftSource {
  readonly socket: NetlinkSocket;
  /** What was read last. */
  readonly read: readonly Datagram[];
  /** Something was lost behind that. */
  readonly isHole: boolean;
}

/** A source on a netns: one batch for each turn while it is resumed. */
export class FakeSource implements Source, Mortal {
  readonly receiveBuffer: number;
  readonly last?: Batch;
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
  readonly #hole: Hole;
  #read: readonly Datagram[];
  #repeats: boolean;

  /** @param before what was left by somebody else, who had the socket */
  constructor(netns: FakeNetns, socket: NetlinkSocket, options: SourceOptions, world: World, before?: LeftSource) {
    this.#netns = netns;
    this.#socket = socket;
    this.#group = options.group;
    this.#onBatch = options.onBatch;
    this.#world = world;
    this.receiveBuffer = socket.receiveBuffer;
    this.#hole = new Hole(before?.isHole);
    this.#read = before?.read ?? [];
    this.#repeats = this.#read.length > 0;
    if (before) this.last = this.#batch(before.isHole, false);
    socket.onReadable = () => this.#schedule();
    world.sources.add(socket);
    netns.listeners(options.group).add(socket);
    world.opened.add(this);
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
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.onReadable = () => undefined;
    if (this.#world.keepsSource && this.#netns === this.#world.host && this.#group === "kernel")
      this.#world.kept = { socket: this.#socket, read: this.#read, isHole: this.#hole.isThere };
    else this.#netns.listeners(this.#group).delete(this.#socket);
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
    if (this.#scheduled || !this.#live || (this.#drained && !this.#isReadable)) return;
    this.#scheduled = true;
    this.#world.turns.add(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    if (!this.#live) return;
    this.#deliver();
    this.#schedule(); // also if that took the last: only EAGAIN says so
  }

  get #isReadable(): boolean {
    return this.#repeats || this.#socket.readable;
  }

  /** Hands over one batch; true if the queue was empty after it. */
  #deliver(): boolean {
    const overrun = !this.#repeats && this.#socket.takeError();
    if (!this.#repeats) this.#read = overrun ? [] : this.#take();
    const drained = !overrun && this.#read.length === 0;
    if (!this.#repeats) this.#hole.read({ overrun, drained });
    this.#repeats = false;
    this.#drained = drained;
    this.#delivering = true;
    try {
      this.#onBatch(this.#batch(overrun, drained));
    } finally {
      this.#delivering = false;
      this.#slab.poison();
    }
    return drained;
  }

  #take(): readonly Datagram[] {
    const read: Datagram[] = [];
    for (let next = this.#socket.take(); next; next = read.length < BATCH_SIZE ? this.#socket.take() : undefined)
      read.push(next);
    return read;
  }

  #batch(overrun: boolean, drained: boolean): Batch {
    this.#slab.clear();
    for (const datagram of this.#read) this.#slab.add(datagram);
    return this.#slab.batch(overrun, drained);
  }
}
