import type { Batch } from "@uevent-bridge/kernel";
import type { KernelUevent } from "@uevent-bridge/uevent";
import { check, decode, isMalformed } from "@uevent-bridge/uevent";

import type { Counters } from "./counters.js";
import { ofKernel } from "./datagram.js";
import type { Feed } from "./feed.js";
import type { KnownDevice } from "./known-device.js";
import type { Learner } from "./learner.js";
import type { Recent } from "./recent.js";
import type { Transition } from "./transition.js";
import type { Teller } from "./teller.js";
import type { isFromKernel } from "./trust.js";
import type { Gap } from "./types.js";
import type { Released } from "./waiting.js";

const MOVE = Buffer.from("move@");
const REMOVE = Buffer.from("remove@");

/** Hears what the host's kernel says, once it was applied. */
export interface Tap {
  /** The bytes are its own. */
  event(datagram: Uint8Array, transition: Transition): void;
  gap(gap: Gap): void;
}

export interface LoopParts {
  readonly learner: Learner;
  readonly teller: Teller;
  readonly counters: Counters;
  readonly recent: Recent;
  readonly taps: ReadonlySet<Tap>;
  readonly trusts: typeof isFromKernel;
  /** True: whoever may say events is not only the kernel, which never contradicts itself. */
  readonly doubts: boolean;
  /** The host's kernel says something. */
  readonly onSaid: (event: KernelUevent) => void;
  /** It has said something of a device. */
  readonly onHost: (event: KernelUevent, device: KnownDevice) => void;
  /** Sends what was pushed and lets outlets go on. */
  readonly flush: () => void;
  /** There is a hole in what the kernel said, and all that it kept has been applied. */
  readonly onHole: (feed: Feed) => void;
  /** All that the host's kernel said has been applied. */
  readonly onApplied: () => void;
}

/** From datagrams of the kernel to what is told. */
export class Loop {
  readonly #parts: LoopParts;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  batch(feed: Feed, batch: Batch): void {
    this.#parts.recent.now = Date.now();
    feed.overrun ||= batch.overrun;
    this.#leave(feed, batch);
    for (let i = 0; i < batch.count; i++) {
      if (this.#parts.trusts(batch, i)) this.#datagram(feed, batch.slab, batch.starts[i], batch.ends[i]);
      else this.#parts.counters.forged++;
    }
    this.#parts.flush();
    feed.drained = batch.drained;
    this.#mend(feed);
  }

  /**
   * What may be opened is taken away of all devices that a batch says have gone, before anything else: their numbers may be others' by now,
   * and what else is to be done may take its time. Behind a `move` it is not known which device is meant.
   */
  #leave(feed: Feed, batch: Batch): void {
    for (let i = 0; i < batch.count && feed.movesWaiting === 0; i++) {
      if (!this.#parts.trusts(batch, i)) continue;
      const start = batch.starts[i] ?? 0;
      if (beginsWith(batch.slab, start, MOVE)) return;
      if (!beginsWith(batch.slab, start, REMOVE)) continue;
      const event = this.#decode(batch.slab, start, batch.ends[i]);
      if (event) this.#parts.teller.leave(feed.registry.leaving(event));
    }
  }

  /** Undefined if it is no event. */
  #decode(slab: Uint8Array, start: number, end = slab.length): KernelUevent | undefined {
    const event = decode(slab, start, end);
    return isMalformed(event) || (this.#parts.doubts && check(event)) ? undefined : event;
  }

  /** A hole is mended when all that was said before it has been read; without one, what came is known when all that has been applied. */
  #mend(feed: Feed): void {
    if (!feed.drained) return;
    if (feed.overrun || feed.registry.incomplete) this.#parts.onHole(feed);
    if (!feed.waiting.isEmpty) return;
    if (!feed.resyncing) feed.registry.settle();
    if (feed.isHost) this.#parts.onApplied();
  }

  /** Returns the path that is held from now on because of it, if there is one. */
  #datagram(feed: Feed, slab: Uint8Array, start = 0, end = slab.length): string | undefined {
    const event = this.#decode(slab, start, end);
    if (!event) return void this.#parts.counters.malformed++;
    const taken = takenBy(event);
    if (!feed.waiting.holds(event.devpath, taken)) return this.#event(feed, event, slab, start, end);
    if (!feed.waiting.keep(slab.slice(start, end), event.devpath, taken))
      feed.overrun = true; // `/sys` will say it
    else if (event.action === "move") feed.movesWaiting++;
    return undefined;
  }

  #event(feed: Feed, event: KernelUevent, slab: Uint8Array, start: number, end: number): string | undefined {
    if (feed.isHost) this.#parts.onSaid(event);
    this.#parts.counters.events++;
    const isMove = event.action === "move";
    const before = isMove ? this.#parts.learner.audiences(feed.registry.moving(event)) : undefined;
    const transition = feed.registry.apply(event);
    this.#parts.recent.add(event.action, event.devpath, aboutOf(transition));
    if (feed.isHost && "device" in transition) this.#parts.onHost(event, transition.device);
    const unknown = this.#parts.learner.reconsider(transition, before);
    if (feed.waiting.isFull && unknown.length > 0) feed.overrun = true; // what it is about is decided when `/sys` is read again
    if (feed.waiting.isFull || unknown.length === 0) {
      this.#tell(feed, event, transition, slab, start, end);
      return undefined;
    }
    const bytes = slab.slice(start, end);
    void this.#parts.learner.learn(unknown, transition, () =>
      feed.take(() => this.#learned(feed, event, transition, bytes)),
    );
    feed.waiting.hold(...new Set([event.devpath, takenBy(event) ?? event.devpath])); // who comes there is told after this one
    return event.devpath;
  }

  /** What was to be known is known: the event goes on, and those that waited for it. */
  #learned(feed: Feed, event: KernelUevent, transition: Transition, bytes: Uint8Array): void {
    const released = feed.waiting.release(event.devpath);
    const device = "device" in transition ? transition.device : undefined;
    const isThere = device && feed.registry.tree.get(event.devpath) === device; // an ancestor may have gone
    if (isThere) this.#tell(feed, event, transition, bytes, 0, bytes.length);
    this.#goOn(feed, released);
    this.#parts.flush();
    if (feed.drained && feed.waiting.isEmpty && !feed.resyncing)
      feed.source.drain(); // it says once more that nothing waits: that was some time ago
    else this.#mend(feed);
  }

  #goOn(feed: Feed, released: Released<Uint8Array>): void {
    for (const [i, { item }] of released.kept.entries()) {
      if (beginsWith(item, 0, MOVE)) feed.movesWaiting--;
      const held = this.#datagram(feed, item);
      if (held !== undefined) return feed.waiting.holdAgain(held, released, i + 1);
    }
  }

  #tell(feed: Feed, event: KernelUevent, transition: Transition, slab: Uint8Array, start: number, end: number): void {
    const { taps, teller } = this.#parts;
    if (feed.isHost) for (const tap of taps) tap.event(slab.slice(start, end), transition);
    teller.tell(transition, ofKernel(slab, start, end, event));
  }
}

function beginsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** The path at which nothing is any more after an event, with all below it. */
function takenBy(event: KernelUevent): string | undefined {
  if (event.action === "remove") return event.devpath;
  return event.action === "move" ? event.get("DEVPATH_OLD") : undefined;
}

function aboutOf(transition: Transition) {
  return transition.kind === "ignored" ? transition.reason : transition.device;
}
