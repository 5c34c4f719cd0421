import type { Datagram } from "./datagram.js";
import { made } from "./datagram.js";
import type { KnownDevice } from "./known-device.js";
import type { Doubt, Step } from "./reconcile.js";
import { reconcile } from "./reconcile.js";

/** Steps of a reconcile that are told between two looks at whether the receiver still takes them. */
const CHUNK = 32;

/** What an outlet is to tell, and where it asks for attention. */
export interface View {
  /** The devices that it should be told, parents first. */
  wanted(): Iterable<KnownDevice>;
  /** Outlets that have something to do before the relay waits for the next events. */
  readonly agenda: Set<Outlet>;
}

/**
 * One way out of the relay, which knows what it was told. It either is up to date, and then hears events as they come,
 * or *behind*: then it hears only what is said of devices that it was told, and `catchUp` tells it what came and went.
 */
export abstract class Outlet {
  readonly #view: View;
  readonly #told = new Map<KnownDevice, string>();
  readonly #doubts = new Map<KnownDevice, Doubt>();
  #behind = true;
  #lost = 0;

  constructor(view: View) {
    this.#view = view;
    this.schedule();
  }

  /** Takes a datagram to be delivered; false if there is no room for it. `doubt`: what is doubtful if it gets lost later. */
  protected abstract accept(datagram: Datagram, device: KnownDevice | undefined, doubt: Doubt): boolean;
  /** True if nothing waits to be delivered. */
  protected abstract get idle(): boolean;
  /** Sends what waits, as much as the receiver takes. */
  abstract flush(): void;
  abstract close(): void;
  /** It caught up; `steps` says how. */
  protected caughtUp(_steps: readonly Step<KnownDevice>[]): void {}
  /** So many events were lost before what comes next. */
  protected gap(_lost: number): void {}

  get behind(): boolean {
    return this.#behind;
  }

  /** Has the relay flush it, or let it catch up, before it waits for the next events. */
  protected schedule(): void {
    this.#view.agenda.add(this);
  }

  /** The devices that it was told, in the order in which it was. */
  told(): Iterable<KnownDevice> {
    return this.#told.keys();
  }

  /** What exists or who may see it has changed otherwise than by an event that this outlet hears. */
  fallBehind(): void {
    this.#behind = true;
    this.schedule();
  }

  /** Takes as told what it should be, without telling it. */
  skipColdplug(): void {
    for (const device of this.#view.wanted()) this.#told.set(device, device.devpath);
    this.#behind = false;
  }

  /** It may not know these devices, or know them wrongly: they are told anew. */
  doubt(device: KnownDevice, doubt: Doubt): void {
    if (!this.#told.has(device)) {
      if (doubt === "state") return;
      this.#told.set(device, device.devpath); // it may not have heard that it went
    }
    if (this.#doubts.get(device) !== "existence") this.#doubts.set(device, doubt);
    this.fallBehind();
  }

  /** Somebody listens who knows nothing yet. */
  forgetAll(): void {
    this.#told.clear();
    this.#doubts.clear();
    this.fallBehind();
  }

  added(device: KnownDevice, datagram: Datagram): void {
    if (this.#behind || this.#told.has(device)) return; // catchUp tells it after its ancestors, or has
    if (this.#deliver(datagram, device, "existence")) this.#told.set(device, device.devpath);
  }

  removed(device: KnownDevice, datagram: Datagram): void {
    if (this.#behind || !this.#told.has(device) || !this.#deliver(datagram, device, "existence")) return;
    this.#told.delete(device);
    this.#doubts.delete(device);
  }

  said(device: KnownDevice, datagram: Datagram): void {
    if (!this.#knows(device) || this.#deliver(datagram, device, "state")) return;
    this.#doubts.set(device, this.#doubts.get(device) ?? "state");
  }

  /** An event of an object below a device: it has no state that could be told again. */
  object(device: KnownDevice, datagram: Datagram): void {
    if (this.#knows(device)) this.#deliver(datagram, undefined, "state");
  }

  moved(device: KnownDevice, from: string, datagram: Datagram): void {
    if (this.#behind || this.#told.get(device) !== from || !this.#deliver(datagram, device, "existence"))
      return this.fallBehind();
    for (const each of device.node.devices()) if (this.#told.has(each)) this.#told.set(each, each.devpath);
  }

  /** Tells the difference between what it was told and what it should be, as far as it takes it now. */
  catchUp(): void {
    while (this.#behind && this.idle) {
      this.#sayGap();
      const steps = reconcile(this.#told, this.#view.wanted(), this.#doubts);
      for (const step of steps.slice(0, CHUNK)) this.#take(step);
      if (steps.length <= CHUNK) {
        this.#behind = this.#lost > 0;
        this.caughtUp(steps);
      }
      this.flush();
    }
  }

  /** False also while it knows the device under the path that it had before a move: then catchUp has to tell it. */
  #knows(device: KnownDevice): boolean {
    return this.#told.get(device) === device.devpath;
  }

  #take(step: Step<KnownDevice>): void {
    const { action, device, devpath } = step;
    if (!this.#deliver(made(device.say(action, devpath)), device, action === "change" ? "state" : "existence")) return;
    if (action === "add") this.#told.set(device, devpath);
    if (action === "remove") this.#told.delete(device);
    if (action !== "add") this.#doubts.delete(device);
  }

  #deliver(datagram: Datagram, device: KnownDevice | undefined, doubt: Doubt): boolean {
    if (this.accept(datagram, device, doubt)) return true;
    this.#lost++;
    this.fallBehind();
    return false;
  }

  #sayGap(): void {
    if (this.#lost === 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.gap(lost);
  }
}
