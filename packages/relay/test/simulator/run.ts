import type { FakeListener } from "@uevent-bridge/kernel/testing";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Container } from "@uevent-bridge/relay";

import { BY_SUFFIX, ITSELF } from "../forms.js";
import { Model, RULES } from "../world.js";
import type { Clock } from "./clock.js";
import type { Feature } from "./coincidences.js";
import { Ear, Trace } from "./ear.js";
import { ownEar, readersOf } from "./ears.js";
import type { PolicyKind } from "./policies.js";
import { OTHER, Policies, textsOf } from "./policies.js";
import { Hangs } from "./hangs.js";
import { Relays } from "./relays.js";
import type { Setup, Step } from "./steps.js";

/** Listeners of the container at the same time. */
const LISTENERS = 5;

/** Milliseconds after which a relay has nothing more to say: it has looked at its readers, */
const LOOK_MS = 300;
/** and waited for its share of the time, if the machine is so busy that it has one to wait for. */
const SHARE_MS = 1500;

/**
 * One machine, one container with a changing policy, listeners that come, stall and go, and its netlink; and another with a listener
 * that no step of the first one's may disturb.
 */
export class Run {
  readonly trace = new Trace();
  readonly kernel: FakeKernel;
  readonly model: Model;
  readonly policies = new Policies();
  /** What the last step brought about. */
  readonly happened = new Set<Feature>();
  readonly listeners: Ear<FakeListener>[] = [];
  /** Those that are told nothing any more. */
  readonly left: Ear[] = [];
  readonly readers: readonly Ear[];
  readonly other: Ear;
  /** What the program hears that opened the relay, if it listens. */
  own: Ear | undefined;
  readonly relays: Relays;
  readonly #clock: Clock;
  readonly #hangs: Hangs;
  readonly #changes: Promise<unknown>[] = [];
  readonly #quietMs: number;
  readonly #faults: string[] = [];
  #names = 0;
  #isOwed = false; // a hole that the relay has not spoken of

  constructor(clock: Clock, { waitingBytes, receiveBuffer, lookMs, loses, keeps }: Setup, stateDir: string) {
    this.#clock = clock;
    this.#quietMs = lookMs > 0 ? SHARE_MS : LOOK_MS;
    this.kernel = new FakeKernel({ receiveBuffer });
    if (keeps) this.kernel.keepSource();
    this.model = new Model(this.kernel);
    this.#hangs = new Hangs(this.kernel, this.model);
    const container = this.kernel.container();
    this.readers = readersOf(container, loses, this.trace);
    const from = this.kernel.directory("/run/other").bind("a.sock", { queue: 11 });
    this.other = new Ear({ name: "other", from, numbered: true, eventsIn: ITSELF }, this.trace);
    const policies = () => ({ box: textsOf(this.policies.now), other: textsOf(OTHER) });
    const readAll = () => this.#readAll(this.readers);
    const happenings = { policies, readAll, onStarted: this.#hear.bind(this) };
    this.relays = new Relays({ kernel: this.kernel, clock, container, stateDir, waitingBytes, keeps, ...happenings });
  }

  async do([kind, a, b]: Step): Promise<void> {
    this.happened.clear();
    switch (kind) {
      case "silent":
        return this.#hidden(a);
      case "synthetic":
        return this.model.synthetic(a);
      case "move":
      case "bind":
        if (this.model[kind](a, false)) this.happened.add(kind);
        return;
      case "plug":
      case "unplug":
      case "again":
      case "change":
        return this.model[kind](a, false);
      case "run":
        return this.kernel.idle();
      case "listen":
        return this.#listen(a);
      case "die":
      case "refuse":
        return this.#leave(a, kind);
      case "read":
        return this.#read(a, b);
      case "wait":
        return this.#clock.advance(a * 5);
      case "hang":
        return this.#hangs.add(a, b);
      case "release":
        return this.release();
      case "privilege":
        this.relays.refuse(a % 2 === 0 ? 0 : b);
        return a % 2 === 0 ? this.#hidden(b) : this.#kill(a, b);
      case "kill":
        return this.#kill(a, b);
      case "trigger":
        return this.#changed(this.relays.box.trigger());
      default:
        return this.#policy(kind, b % RULES.length);
    }
  }

  async release(): Promise<void> {
    this.#hangs.release();
    await this.#wait(Promise.all(this.#changes.splice(0)));
  }

  /** The relay may read what it wants to know. */
  get isSure(): boolean {
    return !this.#hangs.areThere && !this.relays.isRefused;
  }

  /** All who are told something. */
  get ears(): readonly Ear[] {
    return [...this.listeners, ...this.readers, this.other, ...(this.own ? [this.own] : [])];
  }

  /** Sentences: what was wrong on the way. */
  get faults(): readonly string[] {
    return this.#isOwed ? [...this.#faults, "the relay did not say that it lost something"] : this.#faults;
  }

  /** What a relay has settled is told: whoever reads knows it, and no more time needs to pass. */
  async settled(): Promise<void> {
    for (let before = -1; before < this.trace.events;) {
      before = this.trace.events;
      await this.#clock.until(this.relays.box.settle(), () => this.#readAll(this.ears));
      await this.#readAll(this.ears);
    }
  }

  /** All read what waits, again and again, until nobody says anything more. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      const { events } = this.trace;
      await this.#wait(this.relays.box.settle());
      await this.#clock.advance(this.#quietMs);
      await this.#readAll(this.ears);
      if (this.trace.events > events) quiet = -1;
    }
  }

  /** Where something was refused, some of what `/sys` said may not have been read: it is when the kernel says something more. */
  sayMore(): void {
    if (this.relays.isRefused) this.kernel.plug("/devices/virtual/mem/null", { subsystem: "mem" });
  }

  /** The relay ends as programs should. Returns sentences: what it left behind. */
  async end(): Promise<readonly string[]> {
    const left = await this.relays.end();
    return this.#hangs.wereThere ? [] : left; // else what asked the kernel goes on, also of relays that were killed
  }

  /** The relay is killed while nothing happens, and another one comes. */
  async restart(): Promise<void> {
    this.relays.kill();
    await this.relays.start();
  }

  #wait<T>(promise: Promise<T>): Promise<T> {
    return this.#clock.until(promise, () => this.#readAll(this.readers)); // who never reads may never catch up
  }

  async #readAll(ears: readonly Ear[]): Promise<void> {
    await this.kernel.idle();
    for (const ear of ears) ear.readAll();
  }

  async #hear(box: Container, isHeard: boolean): Promise<void> {
    this.#isOwed = false; // it reads all there is
    box.on("gap", ({ where }) => (this.#isOwed &&= where !== "kernel"));
    if (this.own) this.left.push(this.own);
    this.own = undefined;
    if (isHeard) this.own = await ownEar(box);
  }

  #hidden(a: number): void {
    const kinds = ["plug", "unplug", "bind", "change", "move", "again"] as const;
    this.model[kinds[a % kinds.length]!]((a / kinds.length) | 0, true);
    this.happened.add("overrun");
    this.#isOwed = true;
    this.kernel.overrun();
  }

  #listen(a: number): void {
    if (this.listeners.length === LISTENERS) return;
    const [suffix, eventsIn] = BY_SUFFIX[a % BY_SUFFIX.length]!;
    const name = `${this.#names++}${suffix}`;
    const from = this.kernel.directory("/run/box").bind(name, { queue: 1 + (a % 11) });
    this.listeners.push(new Ear({ name, from, numbered: true, eventsIn }, this.trace));
  }

  /** One goes, or may not be sent to any more: it keeps what it has, and goes on reading that. */
  #leave(a: number, how: "die" | "refuse"): void {
    const [leaving] = this.listeners.splice(a % Math.max(1, this.listeners.length), 1);
    if (!leaving) return;
    this.left.push(leaving);
    if (how === "refuse") leaving.from.denied = true;
    else leaving.from.close();
    if (how === "die" && a % 2 === 0) leaving.from.unlink();
  }

  async #read(a: number, b: number): Promise<void> {
    const all = [...this.listeners, ...this.readers, this.other];
    for (let n = 0; n < a % 7; n++) all[a % all.length]!.read();
    await this.#clock.advance(b % 4);
    await this.kernel.idle();
  }

  /** The relay is killed at any moment, or ends, and another one comes, while some things happen or none. */
  async #kill(a: number, b: number): Promise<void> {
    this.happened.add("crash");
    if (a % 3 > 0) this.relays.doom(a, b);
    for (let i = 0; i < a % 7; i++) this.model.change(a + i, false);
    await this.kernel.idle();
    if (b % 5 === 0) this.#faults.push(...(await this.end()));
    this.relays.kill();
    this.#changes.length = 0; // nobody waits for them any more
    for (let i = 0; i < b % 4; i++) this.model[i % 2 === 0 ? "unplug" : "plug"](a + b + i, false);
    if (b % 7 === 0) {
      this.relays.doom(a + 1, b);
      await this.relays.startInVain();
    }
    await this.relays.start();
  }

  /** While an attribute hangs a change of the policy may wait for it. */
  async #changed(change: Promise<unknown>): Promise<void> {
    if (!this.#hangs.areThere) await this.#wait(change);
    else this.#changes.push(change.catch(() => undefined)); // its relay may be killed meanwhile
  }

  async #policy(kind: PolicyKind, rule: number): Promise<void> {
    this.happened.add("policy");
    const { policies, relays } = this;
    if (this.#hangs.areThere || rule % 2 === 0) return this.#changed(policies.change(relays.box, kind, rule));
    await this.kernel.idle();
    this.#faults.push(...(await this.#wait(policies.changeAlone(relays.box, kind, rule))));
  }
}
