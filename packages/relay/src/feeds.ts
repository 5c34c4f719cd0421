import type { Batch, DeviceTree, Kernel, Source, SourceOptions, Target } from "@uevent-bridge/kernel";

import type { BridgeError } from "./errors.js";
import { Feed, HOST_NETNS } from "./feed.js";
import type { KnownDevice } from "./known-device.js";
import { NetBound } from "./net-bound.js";
import { Registry } from "./registry.js";
import { isStillThere } from "./still-there.js";
import { Waiting } from "./waiting.js";

export interface FeedsOptions {
  readonly kernel: Kernel;
  /** Events that may wait for attributes. */
  readonly waiting: number;
  readonly onBatch: (feed: Feed, batch: Batch) => void;
  readonly onWarning: (warning: BridgeError) => void;
  /** A feed has been enumerated; its devices are not picked yet. */
  readonly onOpened: (feed: Feed) => Promise<void>;
}

interface Entered {
  readonly feed: Feed;
  readonly opened: Promise<void>;
  users: number;
}

/** The host's events, and those of each network namespace in which somebody listens to us instead of its own kernel. */
export class Feeds {
  readonly host: Feed;
  readonly #options: FeedsOptions;
  readonly #entered = new Map<bigint, Entered>();
  /** Directories that have devices of containers' network namespaces below them. */
  readonly #aboveCards = new Map<string, number>();
  #isHeld = true;

  /** @throws KernelError */
  constructor(options: FeedsOptions) {
    this.#options = options;
    const { kernel } = options;
    this.host = this.#make(HOST_NETNS, kernel.devices, (source) => kernel.openSource(source));
  }

  all(): readonly Feed[] {
    return [this.host, ...[...this.#entered.values()].map(({ feed }) => feed)];
  }

  of(netns: bigint | undefined): readonly Feed[] {
    const own = netns === undefined ? undefined : this.#entered.get(netns)?.feed;
    return own ? [this.host, own] : [this.host];
  }

  /** The tree in which a device's directory lies. */
  devicesOf(device: KnownDevice): DeviceTree {
    return this.#entered.get(device.netns ?? HOST_NETNS)?.feed.devices ?? this.host.devices;
  }

  /** A device and all below it, what of it belongs to containers' network namespaces too. */
  below(device: KnownDevice): readonly KnownDevice[] {
    return [...device.node.devices(), ...this.cardsBelow(device)];
  }

  /** What belongs to containers' network namespaces and is below a device of the host. */
  cardsBelow(device: KnownDevice): readonly KnownDevice[] {
    if (device.netns !== undefined || !this.#aboveCards.has(device.devpath)) return [];
    return [...this.#entered.values()].flatMap(({ feed }) => [...feed.registry.tree.below(device.devpath)]);
  }

  /** Those of them that are there: of what has gone already nothing is said but that. */
  cardsThereBelow(device: KnownDevice): readonly KnownDevice[] {
    return this.cardsBelow(device).filter((card) => isStillThere(this.devicesOf(card), card.devpath, card));
  }

  /** It is below the nearest device that the host has now. Returns how to undo that. */
  adopt(card: KnownDevice): () => void {
    const before = card.outerParent;
    card.outerParent = this.host.registry.tree.nearest(card.devpath);
    return () => (card.outerParent = before);
  }

  async openHost(): Promise<void> {
    await this.#start(this.host);
  }

  /** Listens in a container's netns until the returned function is called. @throws KernelError NO_PRIVILEGE */
  async enter(target: Target): Promise<() => void> {
    const entered = this.#entered.get(target.netns) ?? this.#open(target);
    entered.users++;
    const leave = once(() => this.#leave(target.netns, entered));
    await entered.opened.catch((error: unknown) => {
      leave();
      throw error;
    });
    return leave;
  }

  /** Whether open sources, and those that will be opened, hold the process. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    for (const feed of this.all()) this.#holdSource(feed);
  }

  close(): void {
    for (const feed of this.all()) feed.close();
  }

  #open(target: Target): Entered {
    const feed = this.#openFeed(target);
    const opened = this.#start(feed);
    const isRead = () => {
      feed.resyncing = undefined;
    };
    feed.resyncing = opened.then(isRead, isRead);
    const entered = { feed, opened, users: 0 };
    this.#entered.set(target.netns, entered);
    return entered;
  }

  #openFeed(target: Target): Feed {
    const devices = target.openDevices();
    try {
      return this.#make(target.netns, devices, (source) => target.openSource(source));
    } catch (error) {
      devices.close();
      throw error;
    }
  }

  /** The source is open before `/sys` is read, so that nothing falls in between. */
  async #start(feed: Feed): Promise<void> {
    await feed.enumerate();
    await this.#options.onOpened(feed);
    feed.resume();
  }

  #make(netns: bigint, devices: DeviceTree, open: (options: SourceOptions) => Source): Feed {
    const outer = netns === HOST_NETNS ? undefined : this.host.registry;
    const feed: Feed = new Feed({
      netns,
      devices,
      registry: new Registry({
        devices,
        netns,
        netOnly: outer !== undefined,
        ...(outer && { outer, above: this.#aboveCards, bound: new NetBound(netns, this.#options.onWarning) }),
      }),
      source: open({
        group: "kernel",
        onBatch: (batch) => feed.take(() => this.#options.onBatch(feed, batch)),
      }),
      waiting: new Waiting(this.#options.waiting),
    });
    this.#holdSource(feed);
    return feed;
  }

  #holdSource({ source }: Feed): void {
    if (this.#isHeld) source.ref();
    else source.unref();
  }

  #leave(netns: bigint, entered: Entered): void {
    if (--entered.users > 0) return;
    if (this.#entered.get(netns) === entered) this.#entered.delete(netns);
    entered.feed.close();
    entered.feed.registry.tree.leave();
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
