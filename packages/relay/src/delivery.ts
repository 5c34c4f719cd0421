import type { Peer, SocketEntry, Target } from "@uevent-bridge/kernel";

import type { BridgeError } from "./errors.js";
import { actsOn, shadowChoices, type DeliveryOptions } from "./delivery-options.js";
import { doAll } from "./do-all.js";
import type { Host } from "./host.js";
import type { Limits } from "./limits.js";
import { INSIDE } from "./mount.js";
import type { Outlet } from "./outlet.js";
import type { View } from "./view.js";
import { OutletList } from "./outlet-list.js";
import type { Rank } from "./outlet-list.js";
import { Budget } from "./outlets/budget.js";
import { listenerOutlet } from "./outlets/listener-outlet.js";
import type { ListenerOptions } from "./outlets/socket-outlet.js";
import { SocketOutlet } from "./outlets/socket-outlet.js";
import { undoLeft } from "./left.js";
import { OwnDevices } from "./own-devices.js";
import { OwnJournal } from "./own-journal.js";
import { OwnHelper } from "./own-helper.js";
import { OwnNetlink } from "./own-netlink.js";
import { Share } from "./share.js";
import { Subscriptions } from "./subscriptions.js";
import type { DeliveryChoice, Gap } from "./types.js";
import { Turn } from "./turn.js";
import { noMoreShadow, tooLong } from "./warnings.js";
import { isWorthSaying } from "./worth-saying.js";

/** Of what listeners are told: who understands another one is told all anew. */
const FORMS = "1";

export interface DeliveryHooks {
  readonly onGap: (gap: Gap) => void;
  readonly onWarning: (warning: BridgeError) => void;
  /** Its network namespace takes nothing any more. */
  readonly onGone: () => void;
}

/** The ways out to one container: a socket for each of its listeners, its own netlink, and a program that is run in it. */
export class Delivery {
  readonly #host: Host;
  readonly #options: DeliveryOptions;
  readonly #hooks: DeliveryHooks;
  readonly #view: View;
  readonly #outlets: OutletList;
  readonly #share = new Share();
  readonly #turn = new Turn();
  /** What it has of its devices. */
  readonly devices: OwnDevices;
  readonly #journal: OwnJournal;
  readonly #netlink: OwnNetlink;
  readonly #helper: OwnHelper | undefined;
  #left: Promise<unknown> = Promise.resolve();
  #tooLong = 0;
  #closed = false;
  #subscriptions: Subscriptions | undefined;
  #socket: readonly DeliveryChoice[] = [];

  constructor(host: Host, options: DeliveryOptions, view: View, hooks: DeliveryHooks) {
    this.#host = host;
    this.#options = options;
    this.#view = view;
    this.#hooks = hooks;
    this.#outlets = new OutletList(options.coldplug);
    const { name, ledger, subscriber } = options;
    this.#journal = new OwnJournal(host, { name, ledger, subscriber, nameOf: view.nameOf, onWarning: hooks.onWarning });
    this.#netlink = new OwnNetlink(host, options, view, {
      journal: this.#journal,
      share: this.#share,
      onGap: (lost) => hooks.onGap({ kind: "gap", lost, where: "container" }),
      onGone: hooks.onGone,
      onWarning: hooks.onWarning,
      onTooLong: (bytes) => this.#sayTooLong(bytes),
      onOutlet: (outlet, rank) => this.#add(outlet, rank),
      onClosed: (outlet) => this.#outlets.remove(outlet),
    });
    this.devices = new OwnDevices(host, view, {
      ...options,
      place: options.devices,
      share: this.#share,
      onWarning: hooks.onWarning,
      onOutlet: (outlet, rank) => this.#outlets.add(outlet, rank),
      onLeaving: (work) => this.#leaving(work),
    });
    const { exec } = options.deliver;
    if (exec !== undefined) this.#helper = this.#helperFor(exec);
  }

  get outlets(): readonly Outlet[] {
    return this.#outlets.all;
  }

  get choices(): readonly DeliveryChoice[] {
    const helper = this.#helper ? [this.#helper.choice] : [];
    const ways = [...this.#socket, ...this.#netlink.choices, ...shadowChoices(this.#options)];
    return [...ways, ...helper, ...this.devices.choices];
  }

  /** Whether a word of a rule means anything here: `mode=`. */
  actsOn(word: string): boolean {
    return actsOn(this.#options, word);
  }

  /** True if somebody is to hear of the container's own net devices who does not hear its kernel. */
  get relaysNet(): boolean {
    const { directory, shadow } = this.#options;
    return directory !== undefined || shadow !== undefined || this.#helper !== undefined || this.#netlink.saysUdev;
  }

  /** Opens what was asked for; `local` is told before who speaks to the container. @throws KernelError */
  open(local: Outlet, target: Target | undefined): void {
    this.#outlets.add(local, "local");
    this.#netlink.openDatabase();
    this.#socket = [this.#openDirectory()];
    this.#netlink.open(target);
    this.#helper?.open();
    void this.#options.shadow?.ended.then(() => this.#shadowEnded());
  }

  /** The container has started: what is said in its netns is decided, and what runs its program is there. @throws KernelError */
  async prepare(target: Target): Promise<void> {
    this.devices.prepare(target);
    await undoLeft(target, this.#options.unwanted, this.#hooks.onWarning);
    await this.#netlink.prepare(target);
    await this.#helper?.prepare(target);
  }

  /** Has it find its devices, before it is told of them. The rules are in force. @throws KernelError, RuleError */
  async show(target: Target | undefined): Promise<void> {
    this.devices.open(this.#view);
    if (target) await this.place(target);
  }

  /** Has a running container find them, if its engine did not. @throws KernelError */
  place(target: Target): Promise<void> {
    return this.devices.place(target);
  }

  /** The rules say other words than before. */
  refresh(): void {
    this.devices.refresh();
  }

  /** Its netlink may be spoken to, and its program run. @throws KernelError */
  enter(target: Target): void {
    this.#netlink.open(target);
    this.#helper?.open();
  }

  /** As if it had not started. */
  leave(): void {
    this.#netlink.leave();
    this.#helper?.leave();
    this.devices.leave();
  }

  /** Resolves when nothing of ours is left in the container: what others take away is not waited for. */
  async left(): Promise<void> {
    await Promise.all([this.#netlink.left(), this.#left]);
  }

  /** Resolves when it was told all that waits to be known, and its netlink took it, or a reader there has kept it waiting for too long. */
  async settled(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.outlets.map((outlet) => outlet.settled(signal)));
  }

  /** Whether it holds the process. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#options.directory?.ref();
    else this.#options.directory?.unref();
  }

  /** @param keeps what its listeners were told is kept for the next relay */
  close(keeps: boolean): void {
    this.#closed = true;
    this.#journal.end();
    const { outlets } = this;
    const { directory, shadow } = this.#options;
    doAll(
      () => this.#subscriptions?.close(),
      () => this.#netlink.close(),
      () => this.#helper?.close(),
      () => this.devices.close(),
      () => directory?.close(),
      () => shadow?.close(),
      ...outlets.map((outlet) => () => outlet.end()),
      () => this.#journal.close(keeps),
    );
  }

  #openDirectory(): DeliveryChoice {
    const { directory } = this.#options;
    if (!directory) return { channel: "socket", choice: "off", reason: "it was not asked for" };
    this.#subscriptions = new Subscriptions({
      directory,
      share: this.#share,
      limit: this.#host.limits.listeners,
      isAwaited: () => this.#host.replay.isHeld,
      open: (entry, peer, onGone) => this.#openListener(entry, peer, onGone),
      onClosed: (outlet) => this.#outlets.remove(outlet),
      onChanged: () => this.#host.flush(),
      onWarning: this.#hooks.onWarning,
    });
    const reason = `a datagram socket that is bound there is told; in the container it is ${INSIDE}`;
    return { channel: "socket", choice: directory.path, reason };
  }

  #openListener(entry: SocketEntry, peer: Peer, onGone: () => void): Outlet {
    const account = this.#journal.open(`socket ${FORMS} ${entry.inode} ${entry.born} ${entry.name}`);
    const parts = { ...this.#partsFor(peer, onGone), desk: this.#host.desk, account };
    return this.#add(
      listenerOutlet(entry.name, this.#view, { ...parts, onTooLong: (bytes) => this.#sayTooLong(bytes) }),
    );
  }

  #add(outlet: Outlet, rank?: Rank): Outlet {
    return this.#outlets.add(outlet, rank, this.#journal.resume(outlet));
  }

  #partsFor(peer: Peer, onGone: () => void, where: Gap["where"] = "listener"): ListenerOptions & { limits: Limits } {
    const { outbox, limits } = this.#host;
    const onGap = (lost: number) => this.#hooks.onGap({ kind: "gap", lost, where });
    const budget = new Budget(limits.waitingBytes);
    return { outbox, peer, limits, budget, turn: this.#turn, share: this.#share, onGone, onGap };
  }

  #helperFor(program: string): OwnHelper {
    return new OwnHelper(this.#options.name, program, {
      onWarning: this.#hooks.onWarning,
      open: (helper, onGone) =>
        this.#outlets.add(new SocketOutlet(this.#view, this.#partsFor(helper, onGone, "container"))),
      onClosed: (outlet) => this.#outlets.remove(outlet),
      onLeaving: (work) => this.#leaving(work),
    });
  }

  /** This is still to be done in the container. */
  #leaving(work: Promise<void>): void {
    this.#left = Promise.allSettled([this.#left, work]);
    this.#host.leaving(work);
  }

  #sayTooLong(bytes: Uint8Array): void {
    if (isWorthSaying(++this.#tooLong)) this.#hooks.onWarning(tooLong(this.#options.name, bytes, this.#tooLong));
  }

  #shadowEnded(): void {
    if (!this.#closed) this.#hooks.onWarning(noMoreShadow(this.#options.name));
  }
}
