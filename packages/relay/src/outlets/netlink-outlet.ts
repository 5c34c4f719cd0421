import type { Injector, Mark, Outcome } from "@uevent-bridge/kernel";

import { made, type Datagram } from "../datagram.js";
import { numberedBy, type News, type Numbered } from "../entry.js";
import type { Account } from "../account.js";
import type { KnownDevice } from "../known-device.js";
import type { Limits } from "../limits.js";
import type { Outbox, Owner } from "../outbox.js";
import type { Concern, Move } from "../concern.js";
import { Outlet } from "../outlet.js";
import type { View } from "../view.js";
import type { Share } from "../share.js";
import { Audience } from "./audience.js";
import { Denial } from "./denial.js";
import { Budget } from "./budget.js";
import type { Form } from "./form.js";
import { merge, whatIsSaid, type What } from "./merge.js";
import { patiently } from "./patience.js";
import { Preparation, type Said } from "./preparation.js";
import { withoutNet } from "./without-net.js";

/** Milliseconds between two looks at who reads, and at what they lost. */
const LOOK_MS = 250;
/** Milliseconds to wait for a reader whose buffer is half full. */
const PACE_MS = 2;

export interface NetlinkOptions {
  readonly outbox: Outbox;
  readonly injector: Injector;
  readonly form: Form;
  readonly limits: Limits;
  /** For looks and injections: each costs more the more sockets the container opens. */
  readonly share: Share;
  /** False: a reader that comes late is not told what there is. */
  readonly coldplug: boolean;
  /** Where it is written down what it said, if it is. */
  readonly account?: Account | undefined;
  readonly onGap: (lost: number) => void;
  readonly onTooLong: (bytes: Uint8Array) => void;
  readonly onGone: () => void;
}

interface Waiting extends Numbered {
  readonly bytes: Uint8Array;
  readonly said?: Said;
  readonly what?: What;
}

/**
 * A uevent group in a container's own network namespace. What is said there reaches all who read there;
 * whoever's buffer was full lost it, which only the reader's drop counter says.
 */
export class NetlinkOutlet extends Outlet implements Owner {
  readonly #options: NetlinkOptions;
  readonly #audience: Audience;
  readonly #budget: Budget;
  readonly #preparation: Preparation | undefined; // of a form that needs it
  #seqnum: number;
  #last: Said | undefined; // that was taken
  #waiting: Waiting[] = [];
  readonly #refused: Waiting[] = []; // of the last injection
  #timer: NodeJS.Timeout | undefined;
  readonly #denial = new Denial();
  #closed = false;

  constructor(view: View, options: NetlinkOptions) {
    super(options.form.tellsNet ? view : withoutNet(view), options.account);
    this.#seqnum = options.account?.before?.seq ?? 0;
    this.#options = options;
    this.#audience = new Audience(options);
    this.#budget = new Budget(options.limits.waitingBytes);
    this.#budget.mergeBy(() => this.#merge(), options.share);
    const parts = { limit: options.limits.waiting, budget: this.#budget, onReady: (said: Said) => this.#ready(said) };
    this.#preparation = options.form.prepare && new Preparation({ ...parts, prepare: options.form.prepare });
    options.outbox.open(options.injector, this);
    const goesOnLater = view.replay?.isHeld && options.account?.before; // what its readers may have lost is known then
    if (!goesOnLater) this.#lookAgain(LOOK_MS);
  }

  protected get idle(): boolean {
    return this.#waiting.length === 0 && this.#preparation?.isEmpty !== false;
  }

  protected accept(datagram: Datagram, concern: Concern | undefined, news: News | undefined): boolean {
    this.#last = undefined;
    if (this.#isUnheard) return true;
    this.#last = this.#preparation
      ? this.#preparation.add(datagram, concern, news)
      : this.#sayNow({ datagram, concern, news });
    return this.#last !== undefined;
  }

  /** Nobody reads, and who comes is told all again: what takes long to find out need not be. */
  get #isUnheard(): boolean {
    return this.#preparation !== undefined && this.#options.coldplug && this.#audience.isEmpty;
  }

  /** Undefined if there is no room for it. */
  #sayNow(said: Said): Said | undefined {
    if (!this.#budget.makeRoom()) return undefined;
    this.#say(said);
    return said;
  }

  /** What is said with an event is known: the turn may be another one. */
  #ready(said: Said): void {
    if (this.#closed) return;
    this.#say(said);
    this.#lookAgain(0);
  }

  #say(said: Said): void {
    const { datagram, concern, news } = said;
    const seq = ++this.#seqnum;
    const bytes = this.#options.form.bytes(datagram, concern?.device, seq);
    if (!bytes) return this.#options.onTooLong(datagram.bytes.slice(datagram.start, datagram.end));
    this.#budget.take(bytes);
    this.#waiting.push({ bytes, said, seq, news, what: whatIsSaid(datagram, concern) });
    this.schedule();
  }

  override added(device: KnownDevice, datagram: Datagram): void {
    if (this.#options.form.tellsNet || device.netns === undefined) super.added(device, datagram);
  }

  override udevSaid(device: KnownDevice): void {
    if (this.#options.form.prepare) this.doubt({ device, devpath: device.devpath, doubt: "state" });
  }

  override resumeUnread(concerns: readonly Concern[]): void {
    for (const concern of concerns) this.#audience.remember({ concern });
    this.#lookAgain(LOOK_MS);
    this.#look(); // who came while no relay was there is told all before anything else is said
  }

  protected override gap(lost: number): void {
    this.#options.onGap(lost);
  }

  protected override tookAlong(move: Move): void {
    if (this.#last) this.#last.move = move;
  }

  flush(): void {
    if (this.#waiting.length > 0) this.#whenDue(() => this.#flush());
  }

  override catchUp(): void {
    this.#options.share.take(() => super.catchUp());
  }

  /** What the look takes does not keep what was waited for from being said: so something is, each time. */
  #flush(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      if (!this.#audience.hasRoom && !this.#look()) return this.#lookAgain(PACE_MS);
      if (!this.#inject() || this.#options.share.wait > 0) return this.#lookAgain(PACE_MS);
    }
    const merged = this.#budget.takeMerged();
    if (merged > 0) this.#options.onGap(merged);
  }

  /** Resolves when nothing waits, or after `readerMs`: a reader that does not read keeps nobody else waiting. */
  override settled(signal?: AbortSignal): Promise<void> {
    return patiently(() => this.#closed || (this.idle && !this.behind), this.#options.limits.readerMs, signal);
  }

  unsent(outcome: Exclude<Outcome, "sent">, bytes: Uint8Array, mark: Mark | undefined): void {
    if (outcome === "full" || (outcome === "denied" && this.#denial.isFirst()))
      this.#refused.push({ bytes, ...numberedBy(mark) }); // what it concerns is remembered
    else if (outcome === "too-long") this.#options.onTooLong(bytes);
    else this.#options.onGone();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#options.outbox.close(this.#options.injector);
  }

  /** As many as there is room for: what was charged since the last look counts against it. False if some must wait. */
  #inject(): boolean {
    const taken = this.#take();
    const marks = this.#options.account?.marks(taken); // before the first is pushed: nothing may be said between two of them
    for (const [i, { bytes, said }] of taken.entries()) {
      this.#options.outbox.push(this.#options.injector, made(bytes), undefined, marks?.[i]);
      this.#budget.give(bytes);
      if (said) this.#audience.remember(said);
    }
    this.#options.outbox.flush();
    return this.#takeBack();
  }

  #merge(): Iterable<Waiting> {
    const { kept, needless } = merge(this.#waiting);
    this.#waiting = kept;
    return needless;
  }

  #take(): readonly Waiting[] {
    let count = 0;
    for (const { bytes } of this.#waiting) {
      if (!this.#audience.hasRoom) break;
      this.#audience.charge(bytes);
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Behind an event that the kernel did not take it takes no other of the same flush. */
  #takeBack(): boolean {
    const refused = this.#refused.splice(0);
    for (const { bytes } of refused) this.#budget.take(bytes);
    this.#waiting.unshift(...refused);
    return refused.length === 0;
  }

  /** Sees how far the readers are; false if one of them must be waited for. */
  #look(): boolean {
    const { someoneNew, lost, doubted } = this.#audience.look(this.idle && !this.behind);
    if (someoneNew && this.#options.coldplug) this.tellAgain();
    if (lost > 0) this.#options.onGap(lost);
    for (const concern of doubted) this.doubt(concern);
    return this.#audience.hasRoom;
  }

  #lookAgain(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const due = Math.max(ms, this.#options.share.wait);
    this.#timer = setTimeout(() => this.#whenDue(() => this.#turn()), due).unref();
  }

  /** Others may have taken of the share meanwhile. */
  #whenDue(work: () => void): void {
    if (this.#options.share.wait > 0) this.#lookAgain(PACE_MS);
    else this.#options.share.take(work);
  }

  #turn(): void {
    this.#look();
    this.#flush();
    if (this.behind) this.catchUp();
    if (this.#waiting.length === 0) this.#lookAgain(LOOK_MS);
  }
}
