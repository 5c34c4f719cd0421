import type { KnownDevice } from "./known-device.js";
import type { Subscriber } from "./selection.js";

/** Its holder has let go, and may not have been told so yet: nobody sees it meanwhile. */
const NOBODY = "";

/** Somebody who may hold devices: a container. */
export interface Claimant extends Subscriber {
  readonly name: string;
  /** The first attached has the lowest. */
  readonly rank: number;
  /** True if it has the device, or may still believe so. */
  knows(device: KnownDevice): boolean;
  /** It is to hold a device, and cannot while somebody else has it. */
  waits(device: KnownDevice, other: string): void;
}

/** Who is to hold a device and cannot, since `other` has it, or something above or below it. */
export interface Conflict {
  readonly device: KnownDevice;
  readonly other: string;
}

export interface ClaimsOptions {
  /** All who may know of a device, those too that are being attached or are leaving. */
  readonly everyone: () => Iterable<Claimant>;
  /** Whether its rules let somebody see the device, whoever holds it. */
  readonly allows: (subscriber: Subscriber, device: KnownDevice) => boolean;
  /** Those whose rules claim this device itself, and nothing above it. */
  readonly claimantsOf: (device: KnownDevice) => readonly Claimant[];
  /** Who sees what is another now. */
  readonly onChanged: () => void;
}

/**
 * Which container holds which device, and all below it, so that no other sees it. Of several that claim one the first that was attached
 * has it; the next one follows once it has let go.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  /** Who is to hold a device, its holder among them, the first attached first. */
  readonly #claimed = new Map<KnownDevice, readonly Claimant[]>();
  /** Those that nobody holds for now. */
  readonly #passing = new Set<KnownDevice>();
  /** Those that are being handed over. */
  readonly #reserved = new Set<KnownDevice>();

  #ranks = 0;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** For each claimant, in the order in which they are attached. */
  nextRank(): number {
    return this.#ranks++;
  }

  /** The one that holds the device, or something above it; undefined if nobody does. */
  holderOf(device: KnownDevice): string | undefined {
    return heldAt(device)?.holder || undefined;
  }

  /** False if somebody else holds it; if it is to be seen by its holder alone, also while nobody does. */
  letsSee(subscriber: Subscriber, device: KnownDevice, byHolderAlone: boolean): boolean {
    const holder = heldAt(device)?.holder;
    return holder === undefined ? !byHolderAlone : holder === subscriber.claimant?.name;
  }

  /** The rules say something else of a device: who is to hold it? `isNew`: nobody has been told of it, nor of anything below. */
  decide(device: KnownDevice, isNew = false): void {
    const before = this.#claimed.get(device) ?? [];
    const claimants = this.#options.claimantsOf(device);
    if (claimants.length === 0 && before.length === 0) return;
    if (claimants.length > 0) this.#claimed.set(device, claimants);
    else this.#claimed.delete(device);
    const isLeft = before.some((each) => isHeldBy(device, each) && !claimants.includes(each));
    if (isLeft) this.#letGo(device);
    else this.#give(device, isNew);
    for (const each of claimants) if (!before.includes(each)) this.#sayIfWaiting(device, each);
  }

  /** The rules of one say something else. Returns what it cannot hold, but for what it has waited for already. */
  ask(claimant: Claimant, devices: Iterable<KnownDevice>, waited: ReadonlySet<KnownDevice>): Conflict | undefined {
    for (const device of devices) this.decide(device);
    for (const device of this.waitedFor(claimant)) {
      const other = waited.has(device) ? undefined : this.#inTheWay(device, claimant);
      if (other !== undefined) return { device, other };
    }
    return undefined;
  }

  /** Has it let go of what it is not to hold any more. */
  review(claimant: Claimant): void {
    for (const [device, claimants] of this.#claimed) if (claimants.includes(claimant)) this.decide(device);
  }

  /** What it is to hold and does not. */
  waitedFor(claimant: Claimant): ReadonlySet<KnownDevice> {
    const waited = [...this.#claimed].filter(
      ([device, claimants]) => claimants.includes(claimant) && !isHeldBy(device, claimant),
    );
    return new Set(waited.map(([device]) => device));
  }

  /** All that was to be told has been: who waits for a device may have it now. True if somebody has. */
  advance(): boolean {
    const before = this.#passing.size;
    let isAnotherOnes = false;
    for (const device of new Set([...this.#claimed.keys(), ...this.#passing])) {
      if (device.node.device !== device) this.#forget(device);
      else isAnotherOnes = this.#give(device) || isAnotherOnes;
    }
    return isAnotherOnes || this.#passing.size < before;
  }

  /** Has its holder let go; nobody has it until it is handed on. */
  reserve(device: KnownDevice): void {
    this.#reserved.add(device);
    this.#letGo(device);
  }

  /** What is held above it, if that is. */
  heldAbove({ parent }: KnownDevice): string | undefined {
    return parent && heldAt(parent)?.devpath;
  }

  /** True while it is between two holders. */
  isPassing(device: KnownDevice): boolean {
    return this.#passing.has(device);
  }

  /** Hands on what was reserved, to the first of those that are to hold it if it is none of them. */
  handOn(device: KnownDevice, to: Claimant): void {
    this.#reserved.delete(device);
    if (device.node.device !== device) return this.#forget(device);
    if (this.#options.claimantsOf(device).includes(to)) this.#hold(device, to.name);
    this.decide(device);
  }

  #give(device: KnownDevice, isNew = false): boolean {
    if (this.#reserved.has(device)) return false;
    if (device.holder !== undefined && device.holder !== NOBODY) return false;
    const next = this.#claimed.get(device)?.find((each) => this.#inTheWay(device, each) === undefined);
    if (next) this.#hold(device, next.name, isNew);
    else if (device.holder !== NOBODY || this.#isKnown(device)) return false;
    else this.#hold(device, undefined);
    return true;
  }

  #hold(device: KnownDevice, holder: string | undefined, isNew = false): void {
    this.#passing.delete(device);
    this.#put(device, holder, isNew);
  }

  #letGo(device: KnownDevice): void {
    this.#passing.add(device);
    this.#put(device, NOBODY);
  }

  #put(device: KnownDevice, holder: string | undefined, isNew = false): void {
    device.holder = holder;
    this.#options.onChanged();
    if (isNew) return;
    for (const each of this.#options.everyone()) {
      if (some(device.node.devices(), (below) => each.knows(below) || this.#options.allows(each, below)))
        each.fallBehind();
    }
  }

  /** It has gone, and what is there next is another one. */
  #forget(device: KnownDevice): void {
    this.#claimed.delete(device);
    this.#passing.delete(device);
  }

  #sayIfWaiting(device: KnownDevice, claimant: Claimant): void {
    const other = isHeldBy(device, claimant) ? undefined : this.#inTheWay(device, claimant);
    if (other !== undefined) claimant.waits(device, other);
  }

  /** Who has it, or something above or below it, or has been told of it. */
  #inTheWay(device: KnownDevice, claimant: Claimant): string | undefined {
    const above = heldAt(device);
    if (above?.holder && above.holder !== claimant.name) return above.holder;
    for (const below of device.node.devices()) {
      if (below.holder && below.holder !== claimant.name) return below.holder;
      for (const each of this.#options.everyone()) if (each !== claimant && each.knows(below)) return each.name;
    }
    return undefined;
  }

  #isKnown(device: KnownDevice): boolean {
    const all = [...this.#options.everyone()];
    return some(device.node.devices(), (below) => all.some((each) => each.knows(below)));
  }
}

/** The nearest that is held, upwards from a device. */
export function heldAt(device: KnownDevice): KnownDevice | undefined {
  for (let at: KnownDevice | undefined = device; at; at = at.parent) if (at.holder !== undefined) return at;
  return undefined;
}

function isHeldBy(device: KnownDevice, { name }: Claimant): boolean {
  return device.holder === name;
}

function some<T>(all: Iterable<T>, is: (each: T) => boolean): boolean {
  for (const each of all) if (is(each)) return true;
  return false;
}
