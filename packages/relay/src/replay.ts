import type { Batch } from "@uevent-bridge/kernel";
import { decode, isMalformed } from "@uevent-bridge/uevent";

import type { Feed } from "./feed.js";
import type { KnownDevice } from "./known-device.js";
import type { Selection, Subscriber } from "./selection.js";

const NO_NUMBER = -1; // of an event; 0 is said of who was told none

/** Somebody who was told by the relay before, up to some event. */
interface Joiner {
  /** Its place in the batch that was read last; -1: none of that has been told. */
  readonly last: number;
  readonly join: () => void;
}

/** Whoever takes what is at a path for what it was told of there. */
interface Presumption {
  /** Some of the past is lost: the kernel may have said that another device came to the path. */
  readonly onLost: () => void;
  /** All of it has been said. */
  readonly onAllSaid: () => void;
}

/**
 * What the kernel said while no relay was there, and what the one before had read and may not have told, is told as it was said. It is of
 * the past: `/sys` shows already what came of it. So until the last of it has been told, those who were told by the relay before hear
 * events alone, each from where it stood, and everybody else waits; then all are told the difference, if there is one.
 */
export class Replay {
  #state: "held" | "on" | "over" = "over";
  #feed: Feed | undefined;
  #selection: Selection | undefined;
  /** Of the batch that the relay before read last. */
  #seqnums: readonly number[] = [];
  #joiners: readonly Joiner[] = [];
  #onEnd: () => void = () => undefined;
  #presumptions: Presumption[] = [];
  #hasHole = false;
  /** Devices that are there no more, with whoever was told of them. */
  readonly #ghosts = new Map<KnownDevice, Subscriber[]>();

  /** Has the past of a source wait until `begin`, if it has one; `onEnd` is called when all of it has been told. */
  hold(feed: Feed, selection: Selection, onEnd: () => void): void {
    const { last } = feed.source;
    if (!last) return;
    this.#onEnd = onEnd;
    this.#feed = feed;
    this.#selection = selection;
    this.#seqnums = seqnumsOf(last);
    this.#state = "held";
    feed.isHeld = true;
    feed.overrun ||= last.overrun; // the relay before heard of it, and may not have made it good
  }

  /** It has not begun: who is to hear it can still be attached. */
  get isHeld(): boolean {
    return this.#state === "held";
  }

  get isOn(): boolean {
    return this.#state === "on";
  }

  get isOver(): boolean {
    return this.#state === "over";
  }

  /** Has somebody hear what comes behind the event with this number; `join` is called when what exists is what it was then. */
  joinBehind(seqnum: number, join: () => void): void {
    this.#joiners = [...this.#joiners, { last: this.#seqnums.indexOf(seqnum), join }];
  }

  /** True if all that the kernel said behind this event is said again: the relay before may have read more of it, and told nothing of that. */
  hasAllBehind(seqnum: number): boolean {
    return this.#seqnums.includes(seqnum);
  }

  /** A device that was told and is not there any more is there until it is told that it goes. */
  revive(device: KnownDevice, subscriber: Subscriber): void {
    const tree = this.#feed?.registry.tree;
    if (!tree || (!this.#ghosts.has(device) && tree.get(device.devpath))) return;
    if (!this.#ghosts.has(device)) tree.add(device);
    this.#selection?.grant(subscriber, device, {}); // its attributes cannot be asked any more
    this.#ghosts.set(device, [...(this.#ghosts.get(device) ?? []), subscriber]);
  }

  hasRevived(device: KnownDevice): boolean {
    return this.#ghosts.has(device);
  }

  /** All are attached who were told before: lets the kernel's words flow. */
  begin(): void {
    if (!this.isHeld || !this.#feed) return;
    this.#state = "on";
    this.#feed.registry.rewind();
    this.#join(-1);
    this.#feed.isHeld = false;
    this.#feed.resume();
  }

  /** What is applied next is this event. */
  say(seqnum: number): void {
    if (!this.isOn) return;
    const index = this.#seqnums.indexOf(seqnum);
    this.#join(index < 0 ? this.#seqnums.length : index - 1);
  }

  /** It may be an older device than `/sys` shows, as long as the past is told. */
  doubt(device: KnownDevice): void {
    this.#feed?.registry.doubt(device);
  }

  presume(presumption: Presumption): void {
    if (this.#hasHole) presumption.onLost();
    else this.#presumptions.push(presumption);
  }

  /** Some of what is told now is lost. */
  lose(): void {
    this.#hasHole = true;
    for (const { onLost } of this.#presumptions.splice(0)) onLost();
  }

  /** Nothing waits any more: from now on the kernel speaks of the present. True if it was of the past before. */
  end(): boolean {
    if (!this.isOn) return false;
    this.#join(this.#seqnums.length);
    this.#state = "over";
    this.#feed?.registry.arrive(this.#ghosts.keys());
    for (const [ghost, told] of this.#ghosts) for (const each of told) this.#selection?.ungrant(each, ghost);
    this.#ghosts.clear();
    for (const { onAllSaid } of this.#presumptions.splice(0)) onAllSaid();
    if (!this.#hasHole) this.#onEnd(); // else they are told when `/sys` has been read
    return true;
  }

  /** Those who had been told up to this place in the batch, or less. */
  #join(upTo: number): void {
    if (this.#joiners.length === 0) return;
    const due = this.#joiners.filter(({ last }) => last <= upTo);
    this.#joiners = this.#joiners.filter(({ last }) => last > upTo);
    for (const { join } of due) join();
  }
}

function seqnumsOf({ slab, count, starts, ends }: Batch): readonly number[] {
  return Array.from({ length: count }, (_, i) => {
    const event = decode(slab, starts[i] ?? 0, ends[i] ?? 0);
    return isMalformed(event) ? NO_NUMBER : Number(event.seqnum ?? NO_NUMBER);
  });
}
