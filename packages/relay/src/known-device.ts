import type { Facts, Selector, Words } from "@uevent-bridge/filter";
import { Unread } from "@uevent-bridge/filter";
import type { RawDevice, UdevRecord } from "@uevent-bridge/kernel";
import type { KernelUevent } from "@uevent-bridge/uevent";
import { encodeEvent, toText } from "@uevent-bridge/uevent";

import { isOlder, ownState } from "./event-state.js";
import type { Subscriber } from "./selection.js";
import { Node } from "./tree.js";

/** Has a container's programs open devices. */
export interface Opener {
  leaves(device: KnownDevice): void;
}

/** What the registry knows of one device: one incarnation of it, from `add` to `remove`. */
export class KnownDevice implements Facts {
  devpath: string;
  readonly subsystem: string;
  /** `KEY=VALUE\0`… as in its `uevent` file, latin1: one character is one byte. */
  state: string;
  incarnation: string;
  /** True while the incarnation may be that of a later device at the same path. */
  unsure = false;
  /** What was said of it last is older than what `/sys` has shown, or could not be read there: the kernel says more, unless it is lost. */
  isSaidLate = false;
  /** Another device may come in its place as this one, while the past is told: then it has another life. */
  life: object = this;
  /** While it is unsure: what is to be done where it turns out to be another incarnation than was written down, and when it is sure. */
  onIdentified: (() => void)[] | undefined;
  /** True once the kernel has said that it went, though what was said before may still be to be told. */
  isLeaving = false;
  /** Who has made it one that can be opened, and takes that away as soon as it is leaving. */
  openers: Set<Opener> | undefined;
  /** Its network namespace, if it is a net device or belongs to one. */
  readonly netns: bigint | undefined;
  /** Its place in the tree; one of its own while it is in none. */
  node: Node;
  /**
   * The device above it that another tree knows: a container's net device below a PCI device of the host.
   * Once it has gone, the one that it was below.
   */
  outerParent: KnownDevice | undefined;
  /** The selectors that pick this device itself. */
  picks: readonly Selector<Subscriber>[] = [];
  /** Who may see it and what is below, beside the rules, and with which words. */
  granted: Map<Subscriber, Words> | undefined;
  /** Who may not, whatever the rules say. */
  revoked: Set<Subscriber> | undefined;
  /** The container that holds it and what is below, so that no other sees it; empty while it passes from one to the next. */
  holder: string | undefined;
  /** False while its picks are those of before, since an attribute is being read. */
  isDecided = false;
  audience: readonly Subscriber[] = [];
  audienceVersion = -1;
  /** Attributes that rules asked for; `undefined`: it has none of this name. */
  readonly attributes = new Map<string, string | undefined>();
  udev: UdevRecord | undefined;
  #properties: ReadonlyMap<string, string> | undefined;
  #propertiesOf = "";

  constructor(devpath: string, subsystem: string, state: string, incarnation: string, netns?: bigint) {
    this.devpath = devpath;
    this.subsystem = subsystem;
    this.state = state;
    this.incarnation = incarnation;
    this.netns = netns;
    this.node = new Node("", undefined);
  }

  get parent(): KnownDevice | undefined {
    return (this.node.device === this ? this.node.ancestor : undefined) ?? this.outerParent;
  }

  get links(): readonly string[] {
    return this.udev?.links ?? [];
  }

  get tags(): readonly string[] {
    return this.udev?.tags ?? [];
  }

  /** Of its `uevent` file, as text. */
  get properties(): ReadonlyMap<string, string> {
    if (!this.#properties || this.#propertiesOf !== this.state) {
      this.#properties = parseState(this.state);
      this.#propertiesOf = this.state;
    }
    return this.#properties;
  }

  property(key: string): string | undefined {
    return this.properties.get(key) ?? this.udev?.properties.get(key);
  }

  attribute(name: string): string | undefined | Unread {
    return this.attributes.has(name) ? this.attributes.get(name) : Unread;
  }

  /** What is said of it now is of the past, and may be older than what `/sys` shows. */
  saidBefore(event: KernelUevent): this {
    this.isSaidLate = isOlder(ownState(event.state), this.state);
    return this;
  }

  /** It stood for one that went, and stands for the next. */
  beginAnew(): this {
    this.life = {};
    this.onIdentified = undefined;
    return this;
  }

  /** It was unsure which one it is: it is this one. */
  identify(incarnation: string): void {
    if (incarnation === this.incarnation) return;
    this.incarnation = incarnation;
    for (const call of this.onIdentified ?? []) call();
  }

  /** All has been read that was said of it before. */
  settle(): void {
    this.unsure = false;
    for (const call of this.onIdentified ?? []) call();
    this.onIdentified = undefined;
  }

  /** It is the very device that was called so; where it is unsure which one it is, what is said of it next will tell. */
  is({ devpath, incarnation }: Pick<KnownDevice, "devpath" | "incarnation">): boolean {
    return this.devpath === devpath && this.incarnation === incarnation;
  }

  /** As `/sys` has it. */
  raw(): RawDevice {
    const { devpath, subsystem, incarnation } = this;
    return { devpath, subsystem, incarnation, uevent: bytesOf(this.state.replaceAll("\0", "\n")) };
  }

  /** An event of our own making about it, up to and including `SEQNUM=`. */
  say(action: string, devpath = this.devpath): Uint8Array {
    const numbered = encodeEvent(action, devpath, this.subsystem, this.state, 0n);
    return numbered.subarray(0, numbered.length - "0\0".length);
  }
}

function parseState(state: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const pair of state.split("\0")) {
    const eq = pair.indexOf("="); // the first one: a value may contain "="
    if (eq > 0) properties.set(pair.slice(0, eq), toText(pair.slice(eq + 1)));
  }
  return properties;
}

function bytesOf(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (character) => character.charCodeAt(0));
}

/** The very device that `/sys` shows. */
export function isSame(device: KnownDevice, raw: RawDevice | undefined): boolean {
  return raw !== undefined && !device.unsure && !device.isLeaving && raw.incarnation === device.incarnation;
}
