import type { Words } from "@uevent-bridge/filter";

import type { Claimant, ClaimsOptions, Conflict } from "./claimant.js";
import { Everyone } from "./everyone.js";
import type { KnownDevice } from "./known-device.js";
import { Returning } from "./returning.js";
import type { WrittenClaims } from "./written-claims.js";

/** Its holder has let go, and may not have been told so yet: nobody sees it meanwhile. */
const NOBODY = "";

/**
 * Which container holds which device, and all below it, so that no other sees it. Of several that claim one the first that was attached
 * has it; the next one follows once it has let go.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #everyone: Everyone;
  /** Who is to hold a device, its holder among them, the first attached first. */
  readonly #claimed = new Map<KnownDevice, readonly Claimant[]>();
  /** Those that nobody holds for now, with the one that has let go. */
  readonly #passing = new Map<KnownDevice, string | undefined>();
  /** Those that are being handed over. */
  readonly #reserved = new Set<KnownDevice>();
  /** Those that are held by what is written. */
  readonly #heeded = new Set<KnownDevice>();
  readonly #returning = new Returning();
  #written: WrittenClaims | undefined;
  #ranks = 0;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#everyone = new Everyone(options);
  }

  /** Who holds what is written down from now on, for other relays. */
  use(written: WrittenClaims): void {
    this.#written = written;
  }

  /** For each claimant, in the order in which they are attached. */
  nextRank(): number {
    return this.#ranks++;
  }

  /** The rules say something else of a device: who is to hold it? `isNew`: nobody has been told of it, nor of anything below. */
  decide(device: KnownDevice, isNew = false): void {
    this.#heed(device, isNew);
    const before = this.#claimed.get(device) ?? [];
    const claimants = this.#options.claimantsOf(device);
    if (claimants.length === 0 && before.length === 0) return;
    if (claimants.length > 0) this.#claimed.set(device, claimants);
    else this.#claimed.delete(device);
    const left = before.find((each) => device.holder === each.name && !claimants.includes(each));
    if (!left) this.#give(device, isNew);
    else if (this.#returning.keeps(left, device)) this.#heeded.add(device);
    else this.#letGo(device, device.holder);
    for (const each of claimants) if (!before.includes(each)) this.#sayIfWaiting(device, each);
  }

  /**
   * The rules of one say something else. Returns what it cannot hold, but for what it has waited for already.
   * @throws BridgeError STATE_DAMAGED, PATH_UNUSABLE: it cannot be written down that it holds something
   */
  ask(claimant: Claimant, devices: Iterable<KnownDevice>, waited: ReadonlySet<KnownDevice>): Conflict | undefined {
    for (const device of devices) this.decide(device);
    for (const device of this.waitedFor(claimant)) {
      if (waited.has(device)) continue;
      const other = this.#inTheWay(device, claimant);
      if (other !== undefined) return { device, other, file: this.fileOf(device, other) };
      const problem = this.#written?.problemOf(device);
      if (problem) throw problem;
    }
    return undefined;
  }

  /** The first rules of one are in force: what it held before, by a relay that ended, it has again, or lets go of for good. */
  resume(claimant: Claimant): void {
    this.#returning.begins(claimant);
    this.#written?.refresh();
    for (const [device, { holder, granted }] of this.#written?.all() ?? [])
      if (holder === claimant.name && granted) this.#options.grant(claimant, device, granted);
    this.heed();
    const written = Array.from(this.#written?.all() ?? [], ([device]) => device);
    this.#returning.had(
      claimant,
      written.filter(({ holder }) => holder === claimant.name),
    );
  }

  /** It is attached: what it lets go of from now on is free. */
  returned(claimant: Claimant): void {
    this.#returning.ends(claimant);
  }

  /** What is written may be something else than before. */
  heed(): void {
    for (const [device] of Array.from(this.#written?.all() ?? [])) this.decide(device);
    for (const device of new Set([...this.#heeded, ...this.#claimed.keys()])) {
      if (device.holder && this.#written?.lacks(device)) this.#writeAgain(device, device.holder);
      if (this.#isUnwanted(device)) this.#letGo(device, device.holder);
    }
  }

  /** Has it let go of what it is not to hold any more. */
  review(claimant: Claimant): void {
    for (const [device, claimants] of this.#claimed) if (claimants.includes(claimant)) this.decide(device);
  }

  /** Somebody has removed what says who holds a device: it is free then, but if its holder is attached here. */
  #writeAgain(device: KnownDevice, name: string): void {
    const holder = this.#claimed.get(device)?.find((each) => each.name === name);
    const isWritten = holder !== undefined && this.#write(device, holder);
    if (isWritten || device.holder !== name) return;
    if (holder) this.#written?.drop(device, name); // it does not count beside the one in the way
    this.#letGo(device, undefined);
  }

  /** By what is written somebody here holds a device that it is not to hold, by its rules or what it is granted. */
  #isUnwanted(device: KnownDevice): boolean {
    const holder = this.#everyone.named(device.holder);
    if (!holder || !this.#returning.hasBegun(holder) || this.#returning.keeps(holder, device)) return false;
    return !this.#claimed.get(device)?.includes(holder);
  }

  /** What it is to hold and does not. */
  waitedFor(claimant: Claimant): ReadonlySet<KnownDevice> {
    const waited = [...this.#claimed].filter(
      ([device, claimants]) => claimants.includes(claimant) && device.holder !== claimant.name,
    );
    return new Set(waited.map(([device]) => device));
  }

  /** All that was to be told has been: who waits for a device may have it now. True if somebody has. */
  advance(): boolean {
    const before = this.#passing.size;
    let isAnotherOnes = false;
    for (const device of new Set([...this.#claimed.keys(), ...this.#passing.keys(), ...this.#heeded])) {
      if (device.node.device !== device) this.#forget(device);
      else isAnotherOnes = this.#give(device) || isAnotherOnes;
    }
    return isAnotherOnes || this.#passing.size < before;
  }

  /** Has its holder let go; nobody has it until it is handed on. */
  reserve(device: KnownDevice): void {
    this.#reserved.add(device);
    this.#letGo(device, device.holder);
  }

  /** True while it is between two holders. */
  isPassing(device: KnownDevice): boolean {
    return this.#passing.has(device);
  }

  /** Hands on what was reserved, to the first of those that are to hold it if it is none of them. */
  handOn(device: KnownDevice, to: Claimant): void {
    this.#reserved.delete(device);
    if (device.node.device !== device) return this.#forget(device);
    if (this.#options.claimantsOf(device).includes(to) && this.#write(device, to)) this.#hold(device, to.name);
    this.decide(device);
  }

  /** Hands on what was reserved, to one that is attached to another relay. If that cannot be, false, and it stays reserved. */
  handAway(device: KnownDevice, name: string, granted: Words): boolean {
    const taker = { name, granted, before: this.#passing.get(device) };
    if (device.node.device !== device || !this.#written?.take(device, taker)) return false;
    this.#reserved.delete(device);
    this.#heeded.add(device);
    this.#hold(device, name);
    this.decide(device);
    return true;
  }

  #give(device: KnownDevice, isNew = false): boolean {
    if (this.#reserved.has(device)) return false;
    if (device.holder !== undefined && device.holder !== NOBODY) return false;
    const isFree = (each: Claimant): boolean => this.#inTheWay(device, each) === undefined && this.#write(device, each);
    const next = this.#claimed.get(device)?.find(isFree);
    if (next) this.#hold(device, next.name, isNew);
    else if (device.holder !== NOBODY || this.#everyone.knows(device)) return false;
    else this.#leave(device);
    return true;
  }

  #write(device: KnownDevice, claimant: Claimant): boolean {
    const granted = this.#options.grantedTo(claimant, device);
    const taker = { name: claimant.name, granted, before: this.#passing.get(device) };
    if (this.#written?.take(device, taker) ?? true) return true;
    this.#heed(device); // somebody was quicker
    return false;
  }

  #leave(device: KnownDevice): void {
    this.#heed(device);
    if (device.holder !== NOBODY) return;
    this.#written?.drop(device, this.#passing.get(device));
    this.#hold(device, undefined);
  }

  /** By what is written another one holds it. */
  #heed(device: KnownDevice, isNew = false): void {
    const { holder, granted } = this.#written?.of(device) ?? {};
    if (holder === undefined || holder === device.holder || holder === this.#passing.get(device)) return;
    const here = this.#everyone.named(holder);
    if (here && granted) this.#options.grant(here, device, granted);
    this.#heeded.add(device);
    this.#hold(device, holder, isNew);
  }

  #hold(device: KnownDevice, holder: string | undefined, isNew = false): void {
    this.#passing.delete(device);
    this.#put(device, holder, isNew);
  }

  #letGo(device: KnownDevice, before: string | undefined): void {
    if (!this.#passing.has(device)) this.#passing.set(device, before);
    this.#heeded.delete(device);
    this.#put(device, NOBODY);
  }

  #put(device: KnownDevice, holder: string | undefined, isNew = false): void {
    device.holder = holder;
    this.#options.onChanged();
    if (!isNew) this.#everyone.fallBehind(device);
  }

  /** It has gone, and what is there next is another one. */
  #forget(device: KnownDevice): void {
    this.#claimed.delete(device);
    this.#passing.delete(device);
    this.#heeded.delete(device);
    this.#written?.gone(device);
  }

  /** Where it is written that somebody holds a device who is not attached here. */
  fileOf(device: KnownDevice, other: string): string | undefined {
    return this.#everyone.named(other) ? undefined : this.#written?.fileAt(device, other);
  }

  #sayIfWaiting(device: KnownDevice, claimant: Claimant): void {
    const other = device.holder === claimant.name ? undefined : this.#inTheWay(device, claimant);
    if (other !== undefined) claimant.waits(device, other);
  }

  #inTheWay(device: KnownDevice, claimant: Claimant): string | undefined {
    const here = this.#everyone.inTheWay(device, claimant);
    return here ?? this.#written?.inTheWay(device, { name: claimant.name, before: this.#passing.get(device) })?.holder;
  }
}
