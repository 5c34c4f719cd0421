import type { Effect, Rule, Selector, Words } from "@uevent-bridge/filter";
import { Router } from "@uevent-bridge/filter";

import type { Claimant } from "./claimant.js";
import { Claims } from "./claims.js";
import { claimsAbove, claimsItself, isFreeFor } from "./claiming.js";
import { isSameSet } from "./difference.js";
import type { KnownDevice } from "./known-device.js";
import type { Outlet } from "./outlet.js";
import { askOne } from "./picking.js";
import type { RuleSet } from "./policy.js";
import type { WrittenClaims } from "./written-claims.js";

/** Somebody with a policy: a container. */
export interface Subscriber {
  /** Inode of its network namespace; undefined while it is not known. */
  readonly netns: bigint | undefined;
  readonly outlets: readonly Outlet[];
  /** Itself, if it may hold devices: it is a container. Who is none sees what others hold. */
  readonly claimant?: Claimant | undefined;
  /** What it may see changed otherwise than by an event. */
  fallBehind(): void;
}

/** A rule of a container; `text`: the rule that it gave, which may have been a preset. */
export interface Claimed {
  readonly effect: Effect;
  readonly rule: Rule;
  readonly text: string;
}

/** An attribute that could decide and has not been read. */
export interface Unknown {
  readonly device: KnownDevice;
  readonly attribute: string;
}

/** Which device is seen by whom: the policies of all containers, evaluated when a device's state changes. */
export class Selection {
  readonly claims: Claims;
  readonly #router = new Router<Subscriber>();
  #version = 0; // of all audiences
  #isClaimed = false; // somebody has claimed something, some time
  #namesNodes = false; // somebody has given a node another name, some time

  /** @param everyone all who may know of a device, those too that are being attached or are leaving */
  constructor(everyone: () => Iterable<Claimant>) {
    this.claims = new Claims({
      everyone,
      allows: (subscriber, device) => this.#allows(subscriber, device) !== undefined,
      claimantsOf: (device) => this.#claimantsOf(device),
      grantedTo: (claimant, device) => this.grantedTo(claimant, device),
      grant: (...granted) => this.give(...granted),
      onChanged: () => this.#version++,
    });
  }

  /** Adds a rule of one container; `devices` are those that exist. Returns what must be read before it is true of all. */
  add({ effect, rule, text }: Claimed, subscriber: Subscriber, devices: Iterable<KnownDevice>): Unknown[] {
    const selector = this.#router.add(effect, rule, subscriber, text);
    this.#isClaimed ||= rule.exclusive === true && subscriber.claimant !== undefined;
    this.#namesNodes ||= rule.as !== undefined;
    const unknown: Unknown[] = [];
    for (const device of devices) {
      if (device.isDecided) askOne(selector, device, unknown);
      else this.#askAll(device, unknown);
    }
    this.#version++;
    return unknown;
  }

  /** Puts other rules of a container into force. Returns what must be read before they are true of all. */
  replace(
    before: RuleSet,
    after: RuleSet,
    subscriber: Subscriber,
    devices: readonly KnownDevice[],
  ): readonly Unknown[] {
    const unknown = after.minus(before).flatMap((claimed) => this.add(claimed, subscriber, devices));
    for (const claimed of before.minus(after)) this.remove(claimed, subscriber, devices);
    return unknown;
  }

  remove({ effect, rule, text }: Claimed, subscriber: Subscriber, devices: Iterable<KnownDevice>): void {
    const selector = this.#router.remove(effect, rule, subscriber, text);
    this.#version++;
    if (!selector || isUsed(selector)) return;
    for (const device of devices) {
      if (device.picks.includes(selector)) device.picks = device.picks.filter((each) => each !== selector);
    }
  }

  /** Asks all rules about one device again. While something is unknown, the answers stay what they were. */
  repick(device: KnownDevice, unknown: Unknown[]): void {
    const missing: Unknown[] = [];
    const picks = this.#router.picks(device, (where, attribute) =>
      missing.push({ device: where as KnownDevice, attribute }),
    );
    device.isDecided = missing.length === 0;
    if (!device.isDecided) {
      unknown.push(...missing);
      return;
    }
    const isNew = device.audienceVersion < 0;
    if (!isSameSet(device.picks, picks)) {
      device.picks = picks;
      this.#version++;
    }
    if (this.#isClaimed) this.claims.decide(device, isNew);
  }

  /** Lets a container see this device and what is below, as a rule would; not what is denied. Returns how to undo that. */
  grant(subscriber: Subscriber, device: KnownDevice, words: Words): () => void {
    const wasRevoked = device.revoked?.delete(subscriber);
    const before = this.grantedTo(subscriber, device);
    device.granted = (device.granted ?? new Map<Subscriber, Words>()).set(subscriber, words);
    this.#isClaimed ||= words.exclusive === true;
    this.#namesNodes ||= words.as !== undefined;
    this.#version++;
    return () => {
      this.ungrant(subscriber, device);
      if (before) this.grant(subscriber, device, before);
      if (wasRevoked) this.revoke(subscriber, device);
    };
  }

  /** Has somebody hold a device beside its rules, unless they say so themselves; as a grant does, it lifts a revocation. */
  give(claimant: Claimant, device: KnownDevice, words: Words): void {
    if (this.bars(claimant, device)) return;
    if (!claimsItself(claimant, device)) this.grant(claimant, device, words);
    else if (device.revoked?.delete(claimant)) this.#version++;
  }

  /** What others hold counts from now on. */
  use(written: WrittenClaims): void {
    this.#isClaimed = true;
    this.claims.use(written);
  }

  /** With which words it was granted to a container. */
  grantedTo(subscriber: Subscriber, device: KnownDevice): Words | undefined {
    return device.granted?.get(subscriber);
  }

  /** As if it had not been granted. */
  ungrant(subscriber: Subscriber, device: KnownDevice): void {
    device.granted?.delete(subscriber);
    this.#version++;
  }

  /** Hides this device and what is below from a container, whatever its rules say. */
  revoke(subscriber: Subscriber, device: KnownDevice): void {
    device.granted?.delete(subscriber);
    device.revoked = (device.revoked ?? new Set<Subscriber>()).add(subscriber);
    this.#version++;
  }

  /** What was granted to a container, and taken from it, is of no account any more. */
  forget(subscriber: Subscriber, devices: Iterable<KnownDevice>): void {
    for (const device of devices) {
      device.granted?.delete(subscriber);
      device.revoked?.delete(subscriber);
    }
    this.#version++;
  }

  /** True if the container may see the device: covered by an allow and by no deny, and held by nobody else. */
  sees(subscriber: Subscriber, device: KnownDevice): boolean {
    const allowed = this.#allows(subscriber, device);
    if (!allowed || !this.#isClaimed || !subscriber.claimant) return allowed !== undefined;
    return isFreeFor(subscriber, device, allowed === "exclusive");
  }

  /** True if a container would not see the device if it were granted to it. */
  bars(subscriber: Subscriber, device: KnownDevice): boolean {
    const isDenied = (at: KnownDevice): boolean => at.picks.some(({ deny }) => deny.has(subscriber));
    for (let at = device.parent; at; at = at.parent) if (at.revoked?.has(subscriber) || isDenied(at)) return true;
    return isDenied(device) || (device.netns !== undefined && device.netns !== subscriber.netns);
  }

  /** What its rules say of a device, whoever holds it; undefined if they do not let it in. */
  #allows(subscriber: Subscriber, device: KnownDevice): "shared" | "exclusive" | undefined {
    if (device.netns !== undefined && device.netns !== subscriber.netns) return undefined;
    let allowed: "shared" | "exclusive" | undefined;
    for (let at: KnownDevice | undefined = device; at; at = at.parent) {
      if (at.revoked?.has(subscriber)) return undefined;
      if (at.granted?.has(subscriber)) allowed ??= "shared";
      for (const selector of at.picks) {
        if (selector.deny.has(subscriber)) return undefined;
        if (selector.allow.has(subscriber)) allowed ??= "shared";
      }
      if (allowed === "shared" && this.#isClaimed && claimsItself(subscriber, at)) allowed = "exclusive";
    }
    return allowed;
  }

  /** A container is in another network namespace now, or a device below others. */
  moved(): void {
    this.#version++;
  }

  /** Who may see the device. The array is shared and must not be changed. */
  audience(device: KnownDevice): readonly Subscriber[] {
    if (device.audienceVersion !== this.#version) {
      device.audience = this.#audience(device);
      device.audienceVersion = this.#version;
    }
    return device.audience;
  }

  get namesNodes(): boolean {
    return this.#namesNodes;
  }

  get needsUdev(): boolean {
    return this.#router.needsUdev;
  }

  #audience(device: KnownDevice): readonly Subscriber[] {
    const parent = device.parent;
    const isAsParent = device.picks.length === 0 && !device.granted && !device.revoked && device.holder === undefined;
    if (isAsParent && parent && parent.netns === device.netns) return this.audience(parent);
    const allowed = new Set<Subscriber>();
    for (let at: KnownDevice | undefined = device; at; at = at.parent) {
      for (const selector of at.picks) for (const subscriber of selector.allow.keys()) allowed.add(subscriber);
      for (const subscriber of at.granted?.keys() ?? []) allowed.add(subscriber);
    }
    return [...allowed].filter((subscriber) => this.sees(subscriber, device));
  }

  #claimantsOf(device: KnownDevice): readonly Claimant[] {
    const claiming = new Set<Subscriber>(device.granted?.keys());
    for (const { allow } of device.picks) for (const subscriber of allow.keys()) claiming.add(subscriber);
    const own = [...claiming].filter((each) => claimsItself(each, device) && !claimsAbove(each, device));
    const claimants = own.filter((each) => this.#allows(each, device)).flatMap(({ claimant }) => claimant ?? []);
    return claimants.toSorted((a, b) => a.rank - b.rank);
  }

  /** It is asked about all selectors together when it can answer: then whoever saw it, or sees it, hears of the difference. */
  #askAll(device: KnownDevice, unknown: Unknown[]): void {
    this.#router.picks(device, (where, attribute) => unknown.push({ device: where as KnownDevice, attribute }));
  }
}

function isUsed(selector: Selector<Subscriber>): boolean {
  return selector.allow.size > 0 || selector.deny.size > 0;
}
