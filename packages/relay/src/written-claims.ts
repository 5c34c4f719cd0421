import { join } from "node:path";

import type { Words } from "@uevent-bridge/filter";

import type { Written } from "./claim-files.js";
import { ClaimFiles, damaged } from "./claim-files.js";
import type { ClaimRecord } from "./claim-record.js";
import { claimFileOf, counting, overlap } from "./claim-record.js";
import type { BridgeError } from "./errors.js";
import { troubleOf } from "./errors.js";
import type { KnownDevice } from "./known-device.js";

/** Milliseconds between two looks, should the directory have changed and nobody have said so. */
const LOOK_MS = 1000;

export interface WrittenClaimsOptions {
  readonly path: string;
  readonly boot: string;
  /** The device of a claim, if it is known here. */
  readonly deviceOf: (claim: ClaimRecord) => KnownDevice | undefined;
  /** Of the device that is at this devpath now. */
  readonly incarnationAt: (devpath: string) => string | undefined;
  /** Others hold something else than before. */
  readonly onChange: () => void;
  readonly onWarning: (warning: BridgeError) => void;
}

/** A container that is to hold a device. */
export interface Taker {
  readonly name: string;
  /** With which words it was granted the device, if it was. */
  readonly granted: Words | undefined;
  /** The one that held it until now, and has let go. */
  readonly before: string | undefined;
}

/** Who holds which device, as relays have written it: for those that come later, and those beside. */
export class WrittenClaims {
  readonly #options: WrittenClaimsOptions;
  readonly #files: ClaimFiles;
  #written: Written = { claims: new Map(), damaged: new Set() };
  /** Those that count, by the incarnations of their devices. */
  #counting: ReadonlyMap<string, ClaimRecord> = new Map<string, ClaimRecord>();
  #stale: string[] = [];
  /** Damaged files that have been warned of. */
  #said: ReadonlySet<string> = new Set();
  readonly #failures = new Map<"read" | "write", BridgeError>();
  #isLookedForSoon = false;
  #stop: (() => void) | undefined;
  #closed = false;

  /** @throws BridgeError PATH_UNUSABLE */
  constructor(options: WrittenClaimsOptions) {
    this.#options = options;
    this.#files = new ClaimFiles(options.path);
    this.#read(this.#files.read());
  }

  /** The devices are known: from now on it is said what changes. */
  open(): void {
    this.#look();
    const stop = this.#files.watch(() => this.#lookSoon());
    const timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#stop = () => {
      clearInterval(timer);
      stop();
    };
  }

  /** Reads what others have written meanwhile. */
  refresh(): void {
    this.#refresh(() => this.#files.read());
  }

  /** What is written stays. */
  close(): void {
    this.#closed = true;
    this.#stop?.();
  }

  /** By what was read last. */
  of(device: KnownDevice): ClaimRecord | undefined {
    return this.#isWritten(device) ? this.#counting.get(device.incarnation) : undefined;
  }

  /** Those of devices that are known here. */
  *all(): Generator<readonly [device: KnownDevice, claim: ClaimRecord]> {
    for (const claim of this.#counting.values()) {
      const device = this.#options.deviceOf(claim);
      if (device) yield [device, claim];
    }
  }

  /** True if a claim is missing that should be there. */
  lacks(device: KnownDevice): boolean {
    return this.#isWritten(device) && !this.of(device) && !this.#isDamaged(device);
  }

  /** Another that holds the device, or something above or below it. */
  inTheWay(device: KnownDevice, { name, before }: Omit<Taker, "granted">): ClaimRecord | undefined {
    if (!this.#isWritten(device)) return undefined;
    const own = this.of(device);
    for (const claim of this.#written.claims.values()) {
      const isLeft = claim === own && claim.holder === before;
      if (claim.holder !== name && !isLeft && overlap(claim.devpath, device.devpath)) return claim;
    }
    return undefined;
  }

  /** Why the device cannot be held by anybody. */
  problemOf(device: KnownDevice): BridgeError | undefined {
    if (!this.#isWritten(device)) return undefined;
    if (this.#isDamaged(device)) return damaged(join(this.#files.path, this.#nameOf(device)));
    return this.#failures.get("write") ?? this.#failures.get("read");
  }

  /** Where it is written that somebody holds the device, or something above or below it. */
  fileAt(device: KnownDevice, holder: string): string | undefined {
    const claim = [...this.#written.claims.values()].find(
      (each) => each.holder === holder && overlap(each.devpath, device.devpath),
    );
    return claim && join(this.#files.path, claimFileOf(claim));
  }

  /** Writes who holds a device. False if somebody else does, or it cannot be written. */
  take(device: KnownDevice, taker: Taker): boolean {
    if (!this.#isWritten(device)) return true;
    if (this.inTheWay(device, taker) !== undefined) return false;
    const { boot } = this.#options;
    const { incarnation, devpath } = device;
    const claim = { boot, incarnation, devpath, holder: taker.name, ...(taker.granted && { granted: taker.granted }) };
    const before = this.of(device);
    if (JSON.stringify(claim) === JSON.stringify(before)) return true;
    return this.#try("write", () => {
      if (this.#options.incarnationAt(devpath) !== incarnation) return false; // it has gone, and that is not heard yet
      return before ? this.#replace(claim) : this.#make(device, claim, taker);
    });
  }

  /** It has left what is known here. */
  gone(device: KnownDevice): void {
    const { devpath, incarnation } = device;
    const isGone = (): boolean => this.#options.incarnationAt(devpath) !== incarnation; // after a hole it may be there
    if (this.#try("read", isGone)) this.drop(device, this.#claimOf(device)?.holder);
  }

  /** The holder does not hold it any more. */
  drop(device: KnownDevice, holder: string | undefined): void {
    const claim = this.#claimOf(device);
    if (claim && claim.holder === holder) this.#try("write", () => this.#remove(claimFileOf(claim)));
  }

  #make(device: KnownDevice, claim: ClaimRecord, taker: Taker): boolean {
    const isMade = this.#files.make(claim);
    this.#read(this.#files.glance());
    if (!isMade) return false;
    if (this.inTheWay(device, taker) === undefined) return true;
    return !this.#remove(claimFileOf(claim)); // somebody claimed what is above or below at the same time
  }

  /** What it says now is known, and not read: that it cannot be read would say nothing of it. */
  #replace(claim: ClaimRecord): boolean {
    this.#files.replace(claim);
    this.#read({ ...this.#written, claims: new Map(this.#written.claims).set(claimFileOf(claim), claim) });
    return true;
  }

  #remove(file: string): boolean {
    this.#files.remove(file);
    this.#read(this.#files.glance());
    return true;
  }

  #refresh(read: () => Written): void {
    this.#try("read", () => {
      this.#read(read());
      this.#removeStale();
      return true;
    });
  }

  /** Once for all that is said at a time. */
  #lookSoon(): void {
    if (this.#isLookedForSoon) return;
    this.#isLookedForSoon = true;
    setImmediate(() => {
      this.#isLookedForSoon = false;
      this.#look(() => this.#files.glance());
    });
  }

  #look(read = (): Written => this.#files.read()): void {
    if (this.#closed) return;
    this.#refresh(read);
    for (const file of this.#written.damaged)
      if (!this.#said.has(file)) this.#options.onWarning(damaged(join(this.#files.path, file)));
    this.#said = this.#written.damaged;
    this.#options.onChange();
  }

  #read({ claims, damaged }: Written): void {
    const isLive = ({ boot }: ClaimRecord): boolean => boot === this.#options.boot;
    this.#written = { claims: new Map([...claims].filter(([, claim]) => isLive(claim))), damaged };
    this.#counting = counting([...this.#written.claims.values()]);
    this.#stale = [...claims.keys()].filter((name) => !this.#written.claims.has(name));
  }

  /** Of devices that have gone, and of another time of this machine. */
  #removeStale(): void {
    for (const [name, claim] of this.#written.claims) {
      const isKnown = this.#options.deviceOf(claim) !== undefined;
      if (!isKnown && this.#options.incarnationAt(claim.devpath) !== claim.incarnation) this.#stale.push(name);
    }
    for (const name of this.#stale) this.#files.remove(name);
    if (this.#stale.length > 0) this.#read(this.#files.glance());
  }

  /** False if it cannot be; that is said once, until it can be again. */
  #try(what: "read" | "write", work: () => boolean): boolean {
    try {
      const done = work();
      this.#failures.delete(what);
      return done;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!this.#failures.has(what)) this.#options.onWarning(trouble);
      this.#failures.set(what, trouble);
      return false;
    }
  }

  /** Whether it counts or not. */
  #claimOf(device: KnownDevice): ClaimRecord | undefined {
    return this.#isWritten(device) ? this.#written.claims.get(this.#nameOf(device)) : undefined;
  }

  #isDamaged(device: KnownDevice): boolean {
    return this.#written.damaged.has(this.#nameOf(device));
  }

  #nameOf({ incarnation }: KnownDevice): string {
    return claimFileOf({ boot: this.#options.boot, incarnation });
  }

  /** A net device is seen in its own network namespace alone: its claims are not for other relays. */
  #isWritten({ netns }: KnownDevice): boolean {
    return !this.#closed && netns === undefined;
  }
}
