import type { Policy } from "@uevent-bridge/filter";
import type { Batch, Target, TargetRef } from "@uevent-bridge/kernel";

import { attend } from "./agenda.js";
import type { Container } from "./container.js";
import type { CoreParts } from "./core-parts.js";
import type { Counters } from "./counters.js";
import { asBridgeError, attempt, troubleOf } from "./errors.js";
import { Feeds } from "./feeds.js";
import type { Host } from "./host.js";
import { HostUdev } from "./host-udev.js";
import type { KnownDevice } from "./known-device.js";
import { Learner } from "./learner.js";
import type { Limits } from "./limits.js";
import type { Tap } from "./loop.js";
import { Loop } from "./loop.js";
import { Outbox } from "./outbox.js";
import type { Outlet } from "./outlet.js";
import { RuleSet } from "./policy.js";
import { Recent } from "./recent.js";
import { Replay } from "./replay.js";
import { Resync } from "./resync.js";
import type { Subscriber, Unknown } from "./selection.js";
import { Selection } from "./selection.js";
import { devnameOf } from "./snapshot.js";
import { UdevDesk } from "./udev/desk.js";
import { Teller } from "./teller.js";
import { isFromKernel, isFromKernelOrInjected } from "./trust.js";
import type { MessageStream } from "./stream.js";
import { udevEvents } from "./udev-events.js";
import { closed } from "./warnings.js";

/** What all containers share: the feeds, who sees what, and the way out. */
export class Core implements Host {
  readonly limits: Limits;
  readonly selection: Selection;
  readonly agenda = new Set<Outlet>();
  readonly outbox: Outbox;
  readonly boot: string;
  readonly feeds: Feeds;
  readonly desk: UdevDesk;
  readonly taps = new Set<Tap>();
  readonly monitors = new Set<MessageStream>();
  readonly replay = new Replay();
  position = 0;
  readonly counters: Counters = { events: 0, forged: 0, malformed: 0, overruns: 0, resyncs: 0 };
  readonly #parts: CoreParts;
  readonly #loop: Loop;
  readonly #learner: Learner;
  readonly #recent: Recent;
  readonly #resync: Resync;
  readonly #udev: HostUdev;
  #askedUdev = false; // by a rule
  readonly #leaving = new Set<Promise<void>>();
  #closed = false;

  constructor(parts: CoreParts) {
    const { kernel, limits } = parts;
    this.#parts = parts;
    this.limits = limits;
    this.boot = kernel.boot;
    this.selection = new Selection(parts.everyone);
    this.outbox = new Outbox(kernel.openSender());
    this.#udev = new HostUdev(kernel, (batch) => this.#hearUdev(batch));
    this.#recent = new Recent(limits.decisions);
    this.feeds = new Feeds({
      kernel,
      waiting: limits.waiting,
      onBatch: (feed, batch) => this.#loop.batch(feed, batch),
      onWarning: parts.onWarning,
      onOpened: (feed) => this.learn(this.#learner.repick(feed.registry.tree.devices())),
    });
    this.desk = new UdevDesk({
      attributeMs: limits.attributeMs,
      udevMs: limits.udevMs,
      devicesOf: (device) => this.feeds.devicesOf(device),
      udevRuns: () => this.#udev.isHeard,
      onLate: (device) => this.#udevSaid(device),
    });
    this.#learner = new Learner({
      selection: this.selection,
      attributeMs: limits.attributeMs,
      feeds: this.feeds,
    });
    const teller = new Teller(this.selection, this.replay);
    const [learner, taps, counters] = [this.#learner, this.taps, this.counters];
    const shared = { learner, teller, taps, counters, flush: () => this.flush() };
    this.replay.hold(this.feeds.host, this.selection, () => {
      for (const container of parts.everyone()) container.fallBehind();
      this.flush();
    });
    this.#resync = new Resync({
      ...shared,
      replay: this.replay,
      containers: parts.containers,
      onGap: parts.onGap,
      onWarning: (feed, warning) => (this.feeds.all().includes(feed) ? parts.onWarning(warning) : undefined),
    });
    this.#loop = new Loop({
      ...shared,
      recent: this.#recent,
      trusts: parts.acceptInjected ? isFromKernelOrInjected : isFromKernel,
      doubts: parts.acceptInjected,
      onSaid: ({ seqnum }) => this.#said(seqnum),
      onHost: ({ seqnum }, device) => (this.replay.isOver ? this.desk.expect(seqnum, device) : undefined), // udevd has had its say
      onHole: (feed) => this.#resync.start(feed),
      onApplied: () => void (this.replay.end() && this.#resync.start(this.feeds.host)), // the relay before may have known of a hole
    });
  }

  async open(): Promise<void> {
    await this.feeds.openHost();
  }

  check(): void {
    if (this.#closed) throw closed();
  }

  /** Lets outlets that have something to do go on, and sends what was pushed. */
  flush(): void {
    do attend(this.agenda);
    while (this.selection.claims.advance());
    this.outbox.flush();
  }

  async settle(containers: readonly Container[], signal?: AbortSignal): Promise<void> {
    this.check();
    this.replay.begin();
    await Promise.resolve(); // a source cannot be drained from within its own batch
    const feeds = new Set([this.feeds.host, ...containers.flatMap(({ netns }) => this.feeds.of(netns))]);
    for (const feed of feeds) {
      await feed.resynced(); // what comes meanwhile must wait until /sys has been read
      feed.source.drain();
      await feed.resynced();
    }
    for (const feed of feeds) await this.#learner.applied(feed.waiting).then(() => feed.resynced()); // what waited may end the past
    await Promise.all(containers.map((container) => container.settled(signal)));
    signal?.throwIfAborted();
  }

  *devicesOf(netns: bigint | undefined): Generator<KnownDevice> {
    for (const feed of this.feeds.of(netns)) yield* feed.registry.tree.devices();
  }

  *seenBy(subscriber: Subscriber): Generator<KnownDevice> {
    for (const device of this.devicesOf(subscriber.netns)) if (this.selection.sees(subscriber, device)) yield device;
  }

  *allDevices(): Generator<KnownDevice> {
    for (const feed of this.feeds.all()) yield* feed.registry.tree.devices();
  }

  async select(policy: Policy, netns: bigint | undefined): Promise<KnownDevice[]> {
    const rules = attempt(() => RuleSet.of(policy));
    const asker = { netns, outlets: [], fallBehind: () => undefined };
    try {
      const unknown = this.selection.replace(RuleSet.empty, rules, asker, [...this.allDevices()]);
      await this.learn([...unknown, ...this.watchUdev()]);
      return [...this.seenBy(asker)];
    } finally {
      this.selection.replace(rules, RuleSet.empty, asker, [...this.allDevices()]);
    }
  }

  find(asked: string, netns: bigint | undefined): KnownDevice | undefined {
    const devpath = asked.startsWith("/sys/") ? asked.slice("/sys".length) : asked;
    for (const { registry } of this.feeds.of(netns)) if (registry.tree.get(devpath)) return registry.tree.get(devpath);
    for (const device of this.devicesOf(netns))
      if (devnameOf(device) === asked || device.links.includes(asked)) return device;
    return undefined;
  }

  recent() {
    return this.#recent.list();
  }

  /** Once a rule asks udev's database: what udevd knows of the devices, now and as it changes. */
  watchUdev(): readonly Unknown[] {
    if (this.#askedUdev || !this.selection.needsUdev || !this.#udev.isHeard) return [];
    this.#askedUdev = true;
    return this.#learner.repick(this.allDevices());
  }

  async learn(unknown: readonly Unknown[]): Promise<void> {
    await this.#learner.learn(unknown, undefined, () => this.flush());
  }

  openTarget(ref: TargetRef): Target {
    return attempt(() => this.#parts.kernel.openTarget(ref));
  }

  enterNetns(target: Target): Promise<() => void> {
    return this.feeds.enter(target).catch((error: unknown) => {
      throw asBridgeError(error);
    });
  }

  detached(container: Container): void {
    this.#parts.onDetached(container);
  }

  leaving(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#parts.onWarning(troubleOf(error)))
      .finally(() => this.#leaving.delete(done));
    this.#leaving.add(done);
  }

  /** Resolves when nothing of ours is left in any container. */
  async left(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  close(): void {
    this.#closed = true;
    for (const stream of this.monitors) stream.end();
    this.#learner.close();
    this.feeds.close();
    this.#udev.close();
    this.agenda.clear();
  }

  #said(seqnum = 0n): void {
    this.position = Number(seqnum);
    this.replay.say(this.position);
  }

  #udevSaid(device: KnownDevice): void {
    for (const { outlets } of this.selection.audience(device)) for (const outlet of outlets) outlet.udevSaid(device);
    this.flush();
  }

  /** udevd has written what it knows of these devices: rules may decide otherwise about them and all below. */
  #hearUdev(batch: Batch): void {
    const { tree } = this.feeds.host.registry;
    const messages = [...udevEvents(batch)];
    for (const { seqnum, devpath } of messages) {
      for (const device of tree.below(devpath)) this.desk.renew(device);
      this.desk.heard(seqnum);
    }
    if (batch.overrun) {
      for (const device of this.allDevices()) this.desk.renew(device);
      this.desk.lost();
    }
    if (!this.selection.needsUdev) return;
    const devices = messages.flatMap(({ devpath }) => [...tree.below(devpath)]);
    void this.learn(this.#learner.repick(batch.overrun ? this.allDevices() : devices));
    this.flush();
  }
}
