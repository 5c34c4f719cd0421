import { type Concern, type Move, existence } from "./concern.js";
import { type Datagram, made, withOtherName } from "./datagram.js";
import type { Account } from "./account.js";
import type { News } from "./entry.js";
import type { KnownDevice } from "./known-device.js";
import { Past } from "./past.js";
import { Doubts, isOtherTold } from "./doubts.js";
import { ghostOf } from "./recall.js";
import { CHUNK, reconcile, type Step } from "./reconcile.js";
import { SaidStates } from "./said-states.js";
import type { View } from "./view.js";

/**
 * One way out of the relay, which knows what it was told. It either is up to date, and then hears events as they come,
 * or *behind*: then it hears only what is said of devices that it was told, and `catchUp` tells it what came and went.
 */
export abstract class Outlet {
  readonly #view: View;
  /** Where it is written down what it was told, if it is. */
  readonly account: Account | undefined;
  #told = new Map<KnownDevice, string>();
  #doubts = new Doubts();
  readonly #said = new SaidStates();
  #again = new Set<KnownDevice>(); // told, but not to somebody who came later
  #behind = true;
  #catchingUp = false;
  #suspended = false;
  #ended = false;
  readonly #past: Past;
  #lost = 0;

  constructor(view: View, account?: Account) {
    this.#view = view;
    this.#past = new Past(view.replay);
    this.account = account;
  }

  /** Takes a datagram to be delivered, with what its receiver knows then; false if there is no room for it. */
  protected abstract accept(datagram: Datagram, concern: Concern | undefined, news: News | undefined): boolean;
  /** True if nothing waits to be delivered. */
  protected abstract get idle(): boolean;
  /** Sends what waits, as much as the receiver takes. */
  abstract flush(): void;
  abstract close(): void;
  /** Resolves when all that it took was told, but for what a receiver does not take. */
  async settled(_signal?: AbortSignal): Promise<void> {}
  /** It was told all that it should be. */
  protected caughtUp(): void {}
  /** So many events were lost before what comes next. */
  protected gap(_lost: number): void {}
  /** What it took last also said that these devices have left their paths. */
  protected tookAlong(_move: Move): void {}

  /** True if what it was told is kept on this host, and not in programs of the container. */
  readonly isKeptHere: boolean = false;

  get behind(): boolean {
    return this.#behind || this.#past.isHeard; // when it has heard of the past it falls behind
  }

  /** Has the relay flush it, or let it catch up, before it waits for the next events. */
  protected schedule(): void {
    if (!this.#ended) this.#view.agenda.add(this);
  }

  /** Whatever happens from now on, it is told nothing any more. */
  end(): void {
    this.#ended = true;
    this.account?.close();
    this.#told.clear();
    this.fallBehind();
  }

  /** The devices that it was told, in the order in which it was. */
  told(): Iterable<KnownDevice> {
    return this.#told.keys();
  }

  /** True if it was told of this device, and not that it went. */
  hasTold(device: KnownDevice): boolean {
    return this.#told.has(device);
  }

  /** What exists or who may see it has changed otherwise than by an event that this outlet hears. */
  fallBehind(): void {
    if (this.#past.isHeard) return; // it falls behind when it has heard it all
    this.#behind = true;
    this.#view.agenda.delete(this); // of several that do, it has its turn among them, whatever else it had to do
    this.schedule();
  }

  /** Takes as told what it should be, without telling it. */
  skipColdplug(): void {
    for (const device of this.#view.wanted()) this.#told.set(device, device.devpath);
    this.#said.noteAll(this.#told.keys());
    this.account?.takes(this.#told, this.#doubts, this.#view.nameOf);
    this.#behind = false;
  }

  /** Tells nothing until `resume`, or until it is taken back by what is returned. */
  suspend(): () => void {
    const [told, doubts, again] = [this.#told, this.#doubts, this.#again];
    [this.#told, this.#doubts, this.#again] = [new Map<KnownDevice, string>(), new Doubts(), new Set<KnownDevice>()];
    this.#suspended = true;
    this.fallBehind();
    return () => {
      for (const [device, devpath] of told) this.#told.set(device, devpath); // beside what was doubted meanwhile
      for (const [device, doubt] of doubts) this.#doubts.add(device, doubt);
      for (const device of again) this.#again.add(device);
      this.#suspended = false;
      this.fallBehind();
    };
  }

  /** What its receiver was told, and of which of that it may not know the properties. `isNew`: it is another one than before. */
  resume(told: ReadonlyMap<KnownDevice, string>, doubted: Iterable<KnownDevice> = [], isNew = false): void {
    for (const [device, devpath] of told) this.#told.set(device, devpath);
    this.#said.noteAll(told.keys());
    for (const device of doubted) this.#doubts.set(device, "state");
    this.#suspended = false;
    if (isNew) this.account?.takes(this.#told, this.#doubts, this.#view.nameOf);
    if (this.#past.goOn()) this.#behind = false;
    this.fallBehind();
  }

  /** What its receiver was told since it was last seen to have lost nothing. */
  resumeUnread(_concerns: readonly Concern[]): void {}

  /** It may not know what it was told of a device under a path: it is told anew, or once more that nothing is there. */
  doubt({ device, devpath, doubt }: Concern, was?: KnownDevice): void {
    if (this.#told.get(device) === devpath) this.#doubts.add(device, doubt, was);
    else if (doubt === "existence") this.#told.set(ghostOf(device, this.#view.nameOf?.(device), devpath), devpath);
    this.fallBehind();
  }

  /** Somebody listens who knows nothing yet: all that there is is told once more, and what went is still taken back. */
  tellAgain(): void {
    for (const device of this.#told.keys()) this.#again.add(device);
    this.fallBehind();
  }

  added(device: KnownDevice, datagram: Datagram): void {
    if (this.#past.isHeard) this.#behind ||= isOtherTold(this.#told, device); // that the other went is lost
    if (this.#past.isIgnored || this.#behind || this.#told.has(device)) return; // catchUp tells it after its ancestors, or has
    if (this.#deliver(datagram, existence(device))) this.#told.set(device, device.devpath);
  }

  removed(device: KnownDevice, datagram: Datagram): void {
    if (this.#past.isIgnored || !this.#told.has(device)) return;
    if (!this.#behind && this.#deliver(datagram, { ...existence(device), gone: true })) this.#forget(device);
    else if (this.#past.isHeard) this.#doubts.add(device, "existence"); // who comes in its place may be the same to us
  }

  said(device: KnownDevice, datagram: Datagram): void {
    if (this.#past.isIgnored || !this.#knows(device)) return;
    if (!this.#deliver(datagram, { ...existence(device), doubt: "state" })) this.#doubts.add(device, "state");
    else if (this.#past.isHeard) this.#doubts.settleState(device); // it has its properties now
  }

  /** It came below one that the receiver may see, and is not to be seen itself. */
  unseen(_device: KnownDevice): void {}

  /** The host's udevd knows more of a device than was said with its event. */
  udevSaid(_device: KnownDevice): void {}

  /** An event of an object below a device: it has no state that could be told again. */
  object(device: KnownDevice, datagram: Datagram): void {
    if (!this.#past.isIgnored && this.#knows(device)) this.#deliver(datagram, undefined);
  }

  moved(device: KnownDevice, from: string, datagram: Datagram): void {
    if (this.#past.isIgnored) return;
    if (this.#past.isHeard) this.#behind ||= isOtherTold(this.#told, device); // that the other went is lost
    const concern = { ...existence(device), from };
    if (this.#behind || this.#told.get(device) !== from || !this.#deliver(datagram, concern)) return this.fallBehind();
    const left: Concern[] = [];
    for (const each of device.node.devices()) {
      const devpath = this.#told.get(each);
      if (devpath === undefined) continue;
      this.#told.set(each, each.devpath);
      left.push({ device: each, devpath, doubt: "existence" });
    }
    this.tookAlong({ from, to: device.devpath, left });
  }

  /** Tells the difference between what it was told and what it should be, as far as it takes it now. */
  catchUp(): void {
    if (this.#catchingUp || this.#suspended || this.#past.isAwaited(this.isKeptHere)) return; // whoever hears of a step may ask for more: the outer loop does it
    this.#catchingUp = true;
    try {
      while (this.#behind && this.idle && !this.#ended) {
        const lost = this.#lost;
        this.#lost = 0;
        if (lost > 0) this.gap(lost);
        this.#behind = false; // from here on anything may make it so again
        this.#said.doubtOthers(this.#told.keys(), this.#doubts);
        this.#takeAll(reconcile(this.#told, this.#view.wanted(), this.#doubts, this.#again));
        this.flush();
      }
    } finally {
      this.#catchingUp = false;
    }
  }

  /** False also while it knows the device under the path that it had before a move: then catchUp has to tell it. */
  #knows(device: KnownDevice): boolean {
    return this.#told.get(device) === device.devpath && !this.#again.has(device);
  }

  /** Stops where the receiver takes no more, or where what it should be told has changed meanwhile. */
  #takeAll(steps: readonly Step<KnownDevice>[]): void {
    for (const [i, step] of steps.entries()) {
      if (i > 0 && i % CHUNK === 0) {
        this.flush();
        this.#behind ||= !this.idle;
      }
      if (this.#behind) return;
      this.#take(step);
    }
    if (!this.#behind) this.caughtUp();
  }

  #take({ action, device, devpath }: Step<KnownDevice>): void {
    const [gone, doubt] = [action === "remove", action === "change" ? "state" : "existence"] as const;
    const again = action === "add" && this.#told.has(device);
    const said = (gone ? this.#doubts.told(device) : device).say(action, devpath);
    if (!this.#deliver(made(said), { device, devpath, doubt, again, gone })) return;
    if (gone) return this.#forget(device);
    if (action === "add") this.#told.set(device, devpath);
    if (action === "add") this.#again.delete(device);
    if (action !== "add" || this.#doubts.get(device) === "state") this.#doubts.delete(device);
  }

  #forget(device: KnownDevice): void {
    for (const each of [this.#told, this.#doubts, this.#again]) each.delete(device);
  }

  #deliver(datagram: Datagram, concern: Concern | undefined): boolean {
    const name = concern && this.#view.nameOf?.(concern.device);
    const named = name === undefined ? datagram : withOtherName(datagram, name);
    const news =
      concern && !this.#doubts.areOfAnother(concern) ? this.account?.news(concern, this, this.#view.nameOf) : undefined;
    if (this.accept(named, concern, news)) return this.#said.note(concern?.device, concern?.isLate);
    this.#lost++;
    this.#behind = true; // what else is of the past it is told as a difference
    this.fallBehind();
    return false;
  }
}
