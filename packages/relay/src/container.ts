import type { Peer, SocketDirectory, SocketEntry, Target, TargetRef } from "@uevent-bridge/kernel";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";
import { EventEmitter } from "eventemitter3";

import { decideNetlink } from "./container-target.js";
import { attempt } from "./errors.js";
import { explain, explainLog } from "./explain.js";
import { HOST_NETNS } from "./feed.js";
import type { Host } from "./host.js";
import type { KnownDevice } from "./known-device.js";
import type { Outlet } from "./outlet.js";
import { LocalOutlet } from "./outlets/local-outlet.js";
import { MsgpackOutlet } from "./outlets/msgpack-outlet.js";
import { NetlinkOutlet } from "./outlets/netlink-outlet.js";
import { SocketOutlet } from "./outlets/socket-outlet.js";
import { RuleSet } from "./policy.js";
import type { Subscriber, Unknown } from "./selection.js";
import { snapshot } from "./snapshot.js";
import { MessageStream } from "./stream.js";
import { Subscriptions } from "./subscriptions.js";
import type * as api from "./types.js";
import type { Policy, RuleLike } from "./types.js";
import { alreadyJoined, tooLong } from "./warnings.js";

/** Where the container finds the directory that its listeners bind in. */
const INSIDE = "/run/uevent";

export interface ContainerParts {
  readonly host: Host;
  readonly name: string;
  readonly coldplug: boolean;
  readonly deliver: api.Deliver;
  readonly directory: SocketDirectory | undefined;
}

/** A policy and some outlets, which are told what the policy lets in. */
export class Container extends EventEmitter<api.ContainerEvents> implements api.Container, Subscriber {
  readonly name: string;
  readonly mounts: readonly api.Mount[];
  /** All that is told: replaced when an outlet comes or goes, so that a loop over it is never disturbed. */
  outlets: readonly Outlet[] = [];
  netns: bigint | undefined;
  readonly #parts: ContainerParts;
  readonly #local: LocalOutlet;
  readonly #streams = new Set<MessageStream>();
  #rules = RuleSet.empty;
  #target: Target | undefined;
  #netlink: NetlinkOutlet | undefined;
  #subscriptions: Subscriptions | undefined;
  #delivery: api.DeliveryChoice[] = [];
  #leaveNetns: (() => void) | undefined;
  #detached = false;

  constructor(parts: ContainerParts) {
    super();
    this.#parts = parts;
    this.name = parts.name;
    this.mounts = parts.directory ? [mountOf(parts.directory)] : [];
    this.#local = new LocalOutlet(this.#view, {
      isHeard: () => this.#streams.size > 0 || this.listenerCount("forwarded") > 0,
      onEvent: (bytes) => this.#heard(bytes),
    });
  }

  get delivery(): readonly api.DeliveryChoice[] {
    return this.#delivery;
  }

  get policy(): Policy {
    return this.#rules.policy;
  }

  /** Opens the outlets; the policy is in force already. */
  open(): void {
    this.#add(this.#local);
    const { directory } = this.#parts;
    if (directory) this.#subscribe(directory);
    const choice = directory?.path ?? "off";
    const reason = directory
      ? `bind a datagram socket there to listen; in the container it is ${INSIDE}`
      : "it was not asked for";
    this.#delivery = [{ channel: "socket", choice, reason }, this.#openNetlink()];
    this.#parts.host.flush();
  }

  /** Takes over an open target: from now on the container's namespaces are known. */
  async enter(target: Target): Promise<void> {
    this.#target = target;
    this.netns = target.sharesHostNetns ? HOST_NETNS : target.netns;
    void target.ended.then(() => this.#end("ended"));
    if (this.#parts.directory && !target.sharesHostNetns) this.#leaveNetns = await this.#parts.host.enterNetns(target);
  }

  async join(ref: TargetRef): Promise<void> {
    this.#check();
    if (this.#target) throw alreadyJoined(this.name);
    await this.enter(this.#parts.host.openTarget(ref));
    this.#delivery = [...this.#delivery.filter(({ channel }) => channel !== "netlink"), this.#openNetlink()];
    this.#resync();
    this.#parts.host.flush();
  }

  allow(...rules: RuleLike[]): Promise<api.Change> {
    return this.#change(() => this.#rules.with("allow", rules));
  }

  deny(...rules: RuleLike[]): Promise<api.Change> {
    return this.#change(() => this.#rules.with("deny", rules));
  }

  forget(...rules: RuleLike[]): Promise<api.Change> {
    return this.#change(() => this.#rules.without(rules));
  }

  async setPolicy(policy: Policy, options: { readonly dryRun?: boolean } = {}): Promise<api.Change> {
    if (!options.dryRun) return this.#change(() => RuleSet.of(policy));
    this.#check();
    const wanted = new Set(await this.#parts.host.select(policy, this.netns));
    const told = new Set(this.#local.told());
    const added = [...wanted].filter((device) => !told.has(device)).map(({ devpath }) => devpath);
    return { added, removed: [...told].filter((device) => !wanted.has(device)).map(({ devpath }) => devpath) };
  }

  async trigger(...rules: RuleLike[]): Promise<number> {
    this.#check();
    const { host } = this.#parts;
    const picked = rules.length > 0 ? new Set(await host.select({ allow: rules }, this.netns)) : undefined;
    const devices = [...this.#local.told()].filter((device) => !picked || picked.has(device));
    for (const outlet of this.outlets) for (const device of devices) outlet.doubt(device, "state");
    host.flush();
    return devices.length;
  }

  async devices(): Promise<api.Device[]> {
    this.#check();
    const told = new Set(this.#local.told());
    return [...this.wanted()].filter((device) => told.has(device)).map(snapshot);
  }

  async explain(device: string): Promise<api.Explanation> {
    this.#check();
    return { ...explain(this.#parts.host.find(device, this.netns), device, this), channels: this.#channels() };
  }

  async log(options: { readonly since?: Date } = {}): Promise<api.Decision[]> {
    this.#check();
    const since = options.since?.getTime() ?? 0;
    return this.#parts.host
      .recent()
      .filter(({ time }) => time >= since)
      .map((event) => explainLog(event, this));
  }

  events(options: api.StreamOptions = {}): AsyncIterable<api.Message> {
    this.#check();
    const stream = new MessageStream(options, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  async settle(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#parts.host.settle(options.signal);
  }

  async detach(): Promise<void> {
    this.#end("asked");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach();
  }

  /** What exists and this container may see, parents first. */
  *wanted(): Generator<KnownDevice> {
    for (const device of this.#parts.host.devicesOf(this.netns)) {
      if (this.#parts.host.selection.sees(this, device)) yield device;
    }
  }

  /** Something else than events changed what it may see: all outlets are told the difference. */
  fallBehind(): void {
    for (const outlet of this.outlets) outlet.fallBehind();
  }

  /** `/sys` was read after an overrun: tells what it shows, and the devices with other properties as `change`. */
  resynced(changed: readonly KnownDevice[]): void {
    for (const outlet of this.outlets) for (const device of changed) outlet.doubt(device, "state");
    const change = this.#resync();
    if (change.added.length + change.removed.length > 0) this.emit("resync", change);
  }

  /** Resolves when its netlink took all that waits, or when a reader there keeps it waiting. */
  async settled(signal?: AbortSignal): Promise<void> {
    await this.#netlink?.settled(signal);
  }

  /** Lets go of everything. */
  #end(why: "asked" | "ended" | "closed"): void {
    if (this.#detached) return;
    this.#detached = true;
    this.#subscriptions?.close();
    if (!this.#subscriptions) this.#parts.directory?.close();
    this.#netlink?.close();
    this.#leaveNetns?.();
    this.#target?.close();
    this.outlets = [];
    this.#enforce(RuleSet.empty);
    for (const stream of this.#streams) stream.end();
    this.#parts.host.detached(this);
    this.emit("detached", why);
  }

  close(): void {
    this.#end("closed");
  }

  ref(): void {
    this.#parts.directory?.ref();
  }

  unref(): void {
    this.#parts.directory?.unref();
  }

  /** Makes the rules the ones in force and waits until all that they ask about has been read. */
  async enforce(rules: RuleSet): Promise<void> {
    await this.#parts.host.learn(this.#enforce(rules));
  }

  #enforce(rules: RuleSet): Unknown[] {
    const { selection } = this.#parts.host;
    const devices = [...this.#parts.host.allDevices()];
    const unknown = rules.minus(this.#rules).flatMap((claimed) => selection.add(claimed, this, devices));
    for (const claimed of this.#rules.minus(rules)) selection.remove(claimed, this, devices);
    this.#rules = rules;
    return unknown;
  }

  async #change(rules: () => RuleSet): Promise<api.Change> {
    this.#check();
    await this.enforce(attempt(rules));
    this.#check();
    return this.#resync();
  }

  #resync(): api.Change {
    this.fallBehind();
    const change = this.#local.takeChange();
    this.#parts.host.flush();
    return change;
  }

  #check(): void {
    this.#parts.host.check();
  }

  #subscribe(directory: SocketDirectory): void {
    this.#subscriptions = new Subscriptions({
      directory,
      limit: this.#parts.host.limits.listeners,
      open: (entry, peer, onGone) => this.#openListener(entry, peer, onGone),
      onClosed: (outlet) => this.#remove(outlet),
      onChanged: () => this.#parts.host.flush(),
      onWarning: (warning) => this.emit("warning", warning),
    });
  }

  #openListener(entry: SocketEntry, peer: Peer, onGone: () => void): Outlet {
    const { outbox, limits } = this.#parts.host;
    const onGap = (lost: number) => this.#gap({ kind: "gap", lost, where: "listener" });
    const options = { outbox, peer, limit: limits.queue, onGone, onGap };
    const isMsgpack = entry.name.endsWith(".msgpack.sock");
    const outlet = isMsgpack ? new MsgpackOutlet(this.#view, options) : new SocketOutlet(this.#view, options);
    this.#add(outlet);
    return outlet;
  }

  #openNetlink(): api.DeliveryChoice {
    const { injector, choice } = decideNetlink(this.#parts.deliver.netlink, this.#target);
    if (!injector) return choice;
    const { outbox, limits } = this.#parts.host;
    this.#netlink = new NetlinkOutlet(this.#view, {
      outbox,
      injector,
      limits,
      onGap: (lost) => this.#gap({ kind: "gap", lost, where: "container" }),
      onTooLong: (bytes) => this.emit("warning", tooLong(this.name, bytes)),
      onGone: () => this.#end("ended"),
    });
    this.#add(this.#netlink);
    return choice;
  }

  #add(outlet: Outlet): void {
    if (!this.#parts.coldplug) outlet.skipColdplug();
    this.outlets = [...this.outlets, outlet];
  }

  #remove(outlet: Outlet): void {
    this.outlets = this.outlets.filter((each) => each !== outlet);
    this.#parts.host.agenda.delete(outlet);
  }

  #gap(gap: api.Gap): void {
    this.emit("gap", gap);
    for (const stream of this.#streams) stream.push(gap);
  }

  #heard(bytes: Uint8Array): void {
    const event = toUevent(bytes);
    if (isMalformed(event)) return;
    for (const stream of this.#streams) stream.push(event);
    this.emit("forwarded", event);
  }

  #channels(): api.Explanation["channels"] {
    return Object.fromEntries(this.#delivery.map(({ channel, choice }) => [channel, choice === "off" ? "off" : "ok"]));
  }

  get #view() {
    return { wanted: () => this.wanted(), agenda: this.#parts.host.agenda };
  }
}

function mountOf(directory: SocketDirectory): api.Mount {
  const options = ["bind", "rw", "nosuid", "nodev", "noexec"];
  return { source: directory.path, destination: INSIDE, type: "bind", options };
}
