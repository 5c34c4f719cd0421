import type { CompiledPolicy } from "@uevent-bridge/filter";
import type { Target, TargetRef } from "@uevent-bridge/kernel";

import { ContainerHandle } from "./container-handle.js";
import { Delivery } from "./delivery.js";
import type { ContainerOptions } from "./delivery-options.js";
import { difference } from "./difference.js";
import { doAll } from "./do-all.js";
import { Ear } from "./ear.js";
import { asBridgeError, attempt } from "./errors.js";
import { Enforcement } from "./enforcement.js";
import { Holding } from "./holding.js";
import type { Host } from "./host.js";
import { InUse } from "./in-use.js";
import type { Claimant } from "./claimant.js";
import type { KnownDevice } from "./known-device.js";
import { localNames } from "./local-names.js";
import { Membership } from "./membership.js";
import { mountsOf } from "./mount.js";
import type { Outlet } from "./outlet.js";
import type { View } from "./view.js";
import { wordsLeft } from "./policy.js";
import type { RuleSet } from "./policy.js";
import type { Selection } from "./selection.js";
import type * as api from "./types.js";
import { alreadyJoined, isDetached, notActedOn } from "./warnings.js";

/** A policy, and the ways out by which it is told what the policy lets in. */
export class Container implements Claimant {
  readonly name: string;
  readonly claimant = this;
  readonly rank: number;
  readonly mounts: readonly api.Mount[];
  isDetached = false;
  readonly #host: Host;
  readonly #delivery: Delivery;
  readonly #membership: Membership;
  readonly ear: Ear;
  readonly nameOf: NonNullable<View["nameOf"]>;
  readonly #enforcement: Enforcement;
  readonly handle: ContainerHandle;
  readonly inUse: InUse;
  readonly #holding: Holding;

  constructor(host: Host, options: ContainerOptions) {
    this.#host = host;
    this.handle = new ContainerHandle(host, this, () => this.#delivery.devices);
    this.name = options.name;
    this.rank = host.selection.claims.nextRank();
    this.#holding = new Holding(host, this, (warning) => this.handle.warnings.push(warning));
    this.mounts = mountsOf(options);
    this.#membership = new Membership(host);
    this.inUse = new InUse({ name: options.name, target: () => this.#membership.target });
    this.nameOf = localNames(host.selection, this, (warning) => this.handle.warnings.push(warning));
    const view = { wanted: () => this.wanted(), agenda: host.agenda, nameOf: this.nameOf, replay: host.replay };
    this.#delivery = new Delivery(host, { ...options, subscriber: this }, view, {
      onGap: (gap) => this.gap(gap),
      onWarning: (warning) => this.handle.warnings.push(warning),
      onGone: () => this.end("ended"),
    });
    this.ear = new Ear(view, this.handle, () => this.#holding.changed());
    this.#enforcement = new Enforcement(host, this, (words) => this.sayWords(words));
  }

  get netns(): bigint | undefined {
    return this.#membership.netns;
  }

  get outlets(): readonly Outlet[] {
    return this.#delivery.outlets;
  }

  get delivery(): readonly api.DeliveryChoice[] {
    return this.#delivery.choices;
  }

  get policy(): CompiledPolicy {
    return this.#enforcement.rules.compiled;
  }

  /** Opens the ways out; the policy is in force already. @throws KernelError */
  open(): void {
    this.#delivery.open(this.ear.outlet, this.#membership.target);
    this.#host.flush();
    this.handle.warnings.open();
    this.#holding.open();
  }

  /** Takes over an open target: from now on the container's namespaces are known. */
  async enter(target: Target): Promise<void> {
    this.#membership.enter(target, () => this.end("ended"));
    this.inUse.thaw(); // a relay that was killed may have frozen it
    this.#host.selection.moved();
    await this.#delivery.prepare(target);
    if (this.#delivery.relaysNet) await this.#membership.relayNet((warning) => this.handle.warnings.push(warning));
  }

  /** Makes its first rules the ones in force and waits until all that they ask about has been read. @throws BridgeError HELD, PATH_UNUSABLE */
  async enforce(rules: RuleSet): Promise<void> {
    await this.#enforcement.enforce(rules);
    if (!this.isDetached) this.#holding.begin();
  }

  /** Has it find its devices, before it is told of them; the rules are in force. @throws KernelError, RuleError */
  show(): Promise<void> {
    return this.#delivery.show(this.#membership.target);
  }

  async join(ref: TargetRef): Promise<void> {
    if (this.#membership.target) throw alreadyJoined(this.name);
    const target = this.#host.openTarget(ref);
    try {
      await this.enter(target);
      await this.#delivery.place(target);
      this.check();
      this.#delivery.enter(target);
    } catch (error) {
      this.#delivery.leave();
      this.#membership.leave();
      this.#host.selection.moved();
      throw asBridgeError(error);
    }
    this.#retell(this.told());
  }

  /** Resolves when all that waits for its netlink was taken. */
  settled(signal?: AbortSignal): Promise<void> {
    return this.#delivery.settled(signal);
  }

  /** Resolves when nothing of ours is left in it: what others take away is not waited for. */
  left(): Promise<void> {
    return this.#delivery.left();
  }

  hold(isHeld: boolean): void {
    this.#delivery.hold(isHeld);
  }

  /** What exists and this container may see, parents first. */
  wanted(): Iterable<KnownDevice> {
    return this.#host.seenBy(this);
  }

  /** What it was told of, by its own account. */
  told(): ReadonlySet<KnownDevice> {
    return this.ear.told();
  }

  knows(device: KnownDevice): boolean {
    return this.ear.outlet.hasTold(device) || this.#delivery.devices.shows(device);
  }

  waits(device: KnownDevice, other: string): void {
    this.#holding.waits(device, other);
  }

  get selection(): Selection {
    return this.#host.selection;
  }

  fallBehind(): void {
    for (const outlet of this.outlets) outlet.fallBehind();
  }

  /** The kernel of its netns said more than the relay took. */
  gap(gap: api.Gap): void {
    this.ear.gap(gap);
  }

  /** `/sys` was read after a hole: tells what it shows, and the devices with other properties as `change`. */
  resynced(before: ReadonlySet<KnownDevice>): void {
    const change = this.#retell(before);
    if (change.added.length + change.removed.length > 0) this.handle.emit("resync", change);
  }

  /** Makes other rules the ones in force; as before if it cannot hold what they claim. */
  async change(change: (current: RuleSet) => RuleSet): Promise<api.Change> {
    this.check();
    const before = this.#enforcement.rules;
    const rules = attempt(() => change(before));
    const back = (): boolean => this.#enforcement.rules === rules; // none came later, nor its end
    return this.retold(
      () => this.#enforcement.enforce(rules),
      () => (back() ? this.#enforcement.enforce(before) : undefined),
    );
  }

  /** Does what changes who may see a device, and tells the difference. */
  async retold(
    work: () => void | Promise<void>,
    undo: () => void | Promise<void> = () => undefined,
  ): Promise<api.Change> {
    const before = this.told();
    try {
      await this.#holding.while(async () => {
        await work();
        this.check(); // what is told from now on may have the caller detach it
      }, undo);
    } finally {
      this.fallBehind();
    }
    return this.#retell(before);
  }

  /** Has these devices told as `change`, as they are now. */
  say(devices: readonly KnownDevice[]): void {
    const concerns = devices.map((device) => ({ device, devpath: device.devpath, doubt: "state" }) as const);
    for (const outlet of this.outlets) for (const concern of concerns) outlet.doubt(concern);
  }

  /** Brings all outlets up to date; says what that made of what was told before. */
  #retell(before: ReadonlySet<KnownDevice>): api.Change {
    this.fallBehind();
    this.#host.flush();
    this.#delivery.refresh();
    return difference(before, this.told());
  }

  /** Lets go of all that it has. */
  end(why: "asked" | "ended" | "closed"): void {
    if (this.isDetached) return;
    this.isDetached = true;
    doAll(
      () => this.inUse.thaw(),
      () => this.#delivery.close(why === "closed"),
      () => this.#membership.close(),
      () => this.#enforcement.end(),
      () => this.#host.selection.forget(this, this.#host.allDevices()),
      () => this.#host.selection.claims.review(this),
      () => this.ear.end(),
      () => this.#host.detached(this),
      () => this.handle.emit("detached", why),
    );
  }

  /** Says on which words of rules nothing acts here. */
  sayWords(words: ReadonlyMap<string, readonly string[]>): void {
    const ignored = wordsLeft(words, (word) => !this.#delivery.actsOn(word));
    if (ignored.size > 0) this.handle.warnings.push(notActedOn(this.name, ignored));
  }

  /** @throws BridgeError CLOSED */
  check(): void {
    this.#host.check();
    if (this.isDetached) throw isDetached(this.name);
  }
}
