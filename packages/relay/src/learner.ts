import type { DeviceTree } from "@uevent-bridge/kernel";
import { toText } from "@uevent-bridge/uevent";

import type { Feeds } from "./feeds.js";
import type { KnownDevice } from "./known-device.js";
import { Lanes } from "./lanes.js";
import type { Transition } from "./transition.js";
import type { Selection, Subscriber, Unknown } from "./selection.js";
import { isStillThere } from "./still-there.js";
import type { Waiting } from "./waiting.js";

/** Attributes of one netns' devices that are read at the same time. */
const READS = 16;

export interface LearnerOptions {
  readonly selection: Selection;
  readonly attributeMs: number;
  readonly feeds: Pick<Feeds, "adopt" | "below" | "cardsThereBelow" | "devicesOf">;
}

/** Keeps the answers of the rules true of the state of the devices, and reads what they ask about beyond it. */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #pending = new Set<Promise<void>>();
  /** For each tree: who has many attributes read keeps nobody else waiting. */
  readonly #lanes = new WeakMap<DeviceTree, Lanes>();
  /** Cards that will be below what has come, once it is known what rules ask of that. */
  readonly #orphans = new Set<KnownDevice>();
  #closed = false;

  constructor(options: LearnerOptions) {
    this.#options = options;
  }

  /** Who sees each of these devices. */
  audiences(devices: Iterable<KnownDevice>): Audiences {
    const { selection } = this.#options;
    return new Map(Array.from(devices, (device) => [device, selection.audience(device)]));
  }

  /**
   * Asks the rules about what an event changed. Returns what must be read before they can decide.
   * @param before who saw the devices that it moved while they were where they were
   */
  reconsider(transition: Transition, before: Audiences = NO_AUDIENCES): readonly Unknown[] {
    switch (transition.kind) {
      case "added":
      case "replaced":
        return this.#came(transition.device);
      case "moved":
        this.#options.selection.moved(); // what is above a device decides too
        for (const device of before.keys()) device.attributes.clear(); // they may have been asked for where it was no more
        return this.#repick(before);
      case "appeared":
        return this.#appeared(transition.device);
      case "said":
        return this.#said(transition.device, transition.changed);
      default:
        return NOTHING;
    }
  }

  /** As `reconsider`, after `/sys` was read: attributes may have changed without a word. */
  reconsiderAll(
    came: readonly KnownDevice[],
    changed: readonly KnownDevice[],
    all: Iterable<KnownDevice>,
  ): readonly Unknown[] {
    const asked = [...all].filter((device) => device.attributes.size > 0 || !device.isDecided);
    for (const device of asked) device.attributes.clear();
    const { feeds } = this.#options;
    const stale = [...came, ...changed, ...asked].flatMap((device) => feeds.below(device));
    const unknown = this.repick(new Set(stale));
    const cards = came.flatMap((device) => feeds.cardsThereBelow(device));
    return [...unknown, ...this.#adopt([...this.#takeOrphans(), ...cards])];
  }

  /** Asks the rules about these devices again; whoever sees others of them now falls behind. */
  repick(devices: Iterable<KnownDevice>): readonly Unknown[] {
    return this.#repick(this.audiences(devices));
  }

  /** Reads what is unknown, asks the rules again until they know enough, and calls back. */
  async learn(unknown: readonly Unknown[], transition?: Transition, then?: () => void): Promise<void> {
    if (unknown.length === 0) return;
    const work = this.#learn(unknown, transition).then(() => (this.#closed ? undefined : then?.()));
    this.#pending.add(work);
    await work.finally(() => this.#pending.delete(work));
  }

  /** Resolves when no event waits there for what is being read, whatever else is. */
  async applied(waiting: Waiting<unknown>): Promise<void> {
    while (!waiting.isEmpty && !this.#closed) await Promise.race(this.#pending);
  }

  /** From now on it reads nothing. */
  close(): void {
    this.#closed = true;
  }

  async #learn(unknown: readonly Unknown[], transition: Transition | undefined): Promise<void> {
    const affected = new Set(unknown.map(({ device }) => device));
    if (transition && "device" in transition) affected.add(transition.device);
    const left = new Set<KnownDevice>();
    for (let missing = unknown; missing.length > 0;) {
      await Promise.all(missing.map((each) => this.#lanesOf(each.device).run(() => this.#read(each, left))));
      const asked = this.repick([...affected].flatMap((device) => this.#options.feeds.below(device)));
      missing = [...asked, ...this.#adopt(this.#takeOrphans())].filter(({ device }) => !left.has(device));
    }
  }

  /** Of a device that has left its path the answers stay what they were, until its `remove` or `move` says what became of it. */
  async #read({ device, attribute }: Unknown, left: Set<KnownDevice>): Promise<void> {
    if (this.#closed) return void left.add(device);
    const { devpath } = device;
    const devices = this.#options.feeds.devicesOf(device);
    const bytes = await devices.attribute(devpath, attribute, this.#options.attributeMs);
    if (device.devpath !== devpath) return; // its `move` has been applied: it is asked again where it is now
    const isThere = !this.#closed && isStillThere(devices, devpath, device);
    if (isThere) device.attributes.set(attribute, bytes && textOf(bytes));
    else left.add(device);
  }

  #lanesOf(device: KnownDevice): Lanes {
    const devices = this.#options.feeds.devicesOf(device);
    const lanes = this.#lanes.get(devices) ?? new Lanes(READS);
    this.#lanes.set(devices, lanes);
    return lanes;
  }

  #repick(before: Audiences): readonly Unknown[] {
    const unknown = this.#pick(before.keys());
    for (const [device, audience] of before) moveOn(audience, this.#options.selection.audience(device));
    return unknown;
  }

  #pick(devices: Iterable<KnownDevice>): readonly Unknown[] {
    const { selection, feeds } = this.#options;
    const unknown: Unknown[] = [];
    for (const device of devices) {
      if (selection.needsUdev) device.udev = feeds.devicesOf(device).udev(device.raw());
      selection.repick(device, unknown);
    }
    return unknown;
  }

  /** Nobody was told of it, but perhaps of a card below it. */
  #came(device: KnownDevice): readonly Unknown[] {
    const unknown = this.#pick([device]);
    const cards = this.#options.feeds.cardsThereBelow(device);
    return cards.length === 0 ? unknown : [...unknown, ...this.#adopt(cards)];
  }

  #appeared(device: KnownDevice): readonly Unknown[] {
    const { feeds } = this.#options;
    return [...this.repick(feeds.below(device)), ...this.#adopt(feeds.cardsThereBelow(device))];
  }

  /** Has cards be below what the host has now. One of which rules must know more stays where it was until they do. */
  #adopt(cards: Iterable<KnownDevice>): readonly Unknown[] {
    const before = this.audiences(cards);
    if (before.size === 0) return NOTHING;
    const unknown: Unknown[] = [];
    for (const card of before.keys()) {
      const undo = this.#options.feeds.adopt(card);
      const isAboveDecided = card.parent?.isDecided !== false;
      const missing = isAboveDecided ? this.#pick([card]) : NOTHING;
      unknown.push(...missing);
      if (isAboveDecided && missing.length === 0) continue;
      this.#orphans.add(card);
      undo();
    }
    this.#options.selection.moved(); // what is above a device decides too
    for (const [card, audience] of before) moveOn(audience, this.#options.selection.audience(card));
    return unknown;
  }

  /** Those that have not gone meanwhile. */
  #takeOrphans(): readonly KnownDevice[] {
    const orphans = [...this.#orphans].filter((card) => card.node.device === card);
    this.#orphans.clear();
    return orphans;
  }

  #said(device: KnownDevice, changed: boolean): readonly Unknown[] {
    const knewAttributes = device.attributes.size > 0;
    if (knewAttributes) device.attributes.clear(); // an event may say that they changed
    if (!changed && !knewAttributes && !this.#options.selection.needsUdev) return NOTHING;
    return this.repick(changed || knewAttributes ? this.#options.feeds.below(device) : [device]);
  }
}

type Audiences = ReadonlyMap<KnownDevice, readonly Subscriber[]>;

const NO_AUDIENCES: Audiences = new Map();
const NOTHING: readonly Unknown[] = [];

function moveOn(before: readonly Subscriber[], after: readonly Subscriber[]): void {
  if (before === after) return;
  const stay = new Set(after);
  for (const subscriber of before) if (!stay.delete(subscriber)) subscriber.fallBehind();
  for (const subscriber of stay) subscriber.fallBehind();
}

function textOf(bytes: Uint8Array): string {
  return toText(String.fromCharCode(...bytes));
}
