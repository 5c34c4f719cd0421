import type { Peer, Shadow, SocketDirectory, SocketEntry, Target, UdevDirectory } from "@uevent-bridge/kernel";

import type { BridgeError } from "./errors.js";
import { doAll } from "./do-all.js";
import type { Host } from "./host.js";
import type { Limits } from "./limits.js";
import { INSIDE } from "./mount.js";
import type { Outlet, View } from "./outlet.js";
import { Budget } from "./outlets/budget.js";
import { listenerOutlet } from "./outlets/listener-outlet.js";
import type { ListenerOptions } from "./outlets/socket-outlet.js";
import { SocketOutlet } from "./outlets/socket-outlet.js";
import { OwnHelper } from "./own-helper.js";
import { OwnNetlink } from "./own-netlink.js";
import { Share } from "./share.js";
import { Subscriptions } from "./subscriptions.js";
import type { Deliver, DeliveryChoice, Gap } from "./types.js";
import { Turn } from "./turn.js";
import { noMoreShadow, tooLong } from "./warnings.js";
import { isWorthSaying } from "./worth-saying.js";

export interface DeliveryOptions {
  readonly name: string;
  readonly deliver: Deliver;
  /** The directory that its listeners bind in, open; owned from now on. */
  readonly directory: SocketDirectory | undefined;
  /** Where its programs of libudev look, open; owned from now on. */
  readonly udevDirectory: UdevDirectory | undefined;
  /** The same where `auto` finds that it is needed. @throws KernelError */
  readonly openUdevDirectory: () => UdevDirectory;
  /** Where its programs hear us instead of their own kernel, open; owned from now on. */
  readonly shadow: Shadow | undefined;
  /** False: what is there already is not told. */
  readonly coldplug: boolean;
}

export interface DeliveryHooks {
  readonly onGap: (gap: Gap) => void;
  readonly onWarning: (warning: BridgeError) => void;
  /** Its network namespace takes nothing any more. */
  readonly onGone: () => void;
}

/** The ways out to one container: a socket for each of its listeners, its own netlink, and a program that is run in it. */
export class Delivery {
  /** Replaced when an outlet comes or goes, so that a loop over it is never disturbed. */
  outlets: readonly Outlet[] = [];
  readonly #host: Host;
  readonly #options: DeliveryOptions;
  readonly #hooks: DeliveryHooks;
  readonly #view: View;
  readonly #share = new Share();
  readonly #turn = new Turn();
  readonly #netlink: OwnNetlink;
  readonly #helper: OwnHelper | undefined;
  #helperLeft: Promise<unknown> = Promise.resolve();
  #tooLong = 0;
  #closed = false;
  #subscriptions: Subscriptions | undefined;
  #socket: readonly DeliveryChoice[] = [];

  constructor(host: Host, options: DeliveryOptions, view: View, hooks: DeliveryHooks) {
    this.#host = host;
    this.#options = options;
    this.#view = view;
    this.#hooks = hooks;
    this.#netlink = new OwnNetlink(host, options, view, {
      share: this.#share,
      onGap: (lost) => hooks.onGap({ kind: "gap", lost, where: "container" }),
      onGone: hooks.onGone,
      onWarning: hooks.onWarning,
      onTooLong: (bytes) => this.#sayTooLong(bytes),
      onOutlet: (outlet, place) => this.#add(outlet, place === "first" ? 1 : this.outlets.length), // the local one is there
      onClosed: (outlet) => this.#remove(outlet),
    });
    const { exec } = options.deliver;
    if (exec !== undefined) this.#helper = this.#helperFor(exec);
  }

  get choices(): readonly DeliveryChoice[] {
    const helper = this.#helper ? [this.#helper.choice] : [];
    return [...this.#socket, ...this.#netlink.choices, ...this.#describeShadow(), ...helper];
  }

  /** True if somebody is to hear of the container's own net devices who does not hear its kernel. */
  get relaysNet(): boolean {
    const { directory, shadow } = this.#options;
    return directory !== undefined || shadow !== undefined || this.#helper !== undefined || this.#netlink.saysUdev;
  }

  /** Opens what was asked for; `local` is told first. @throws KernelError */
  open(local: Outlet, target: Target | undefined): void {
    this.#add(local);
    this.#netlink.openDatabase();
    this.#socket = [this.#openDirectory()];
    this.#netlink.open(target);
    this.#helper?.open();
    void this.#options.shadow?.ended.then(() => this.#shadowEnded());
  }

  /** The container has started: what is said in its netns is decided, and what runs its program is there. @throws KernelError */
  async prepare(target: Target): Promise<void> {
    await this.#netlink.prepare(target);
    await this.#helper?.prepare(target);
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
  }

  /** Resolves when nothing of ours is left in the container: what others take away is not waited for. */
  async left(): Promise<void> {
    await Promise.all([this.#netlink.left(), this.#helperLeft]);
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

  close(): void {
    this.#closed = true;
    const { directory, shadow } = this.#options;
    const { outlets } = this;
    this.outlets = [];
    doAll(
      () => this.#subscriptions?.close(),
      () => this.#netlink.close(),
      () => this.#helper?.close(),
      () => directory?.close(),
      () => shadow?.close(),
      ...outlets.map((outlet) => () => outlet.end()),
    );
  }

  #openDirectory(): DeliveryChoice {
    const { directory } = this.#options;
    if (!directory) return { channel: "socket", choice: "off", reason: "it was not asked for" };
    this.#subscriptions = new Subscriptions({
      directory,
      share: this.#share,
      limit: this.#host.limits.listeners,
      open: (entry, peer, onGone) => this.#openListener(entry, peer, onGone),
      onClosed: (outlet) => this.#remove(outlet),
      onChanged: () => this.#host.flush(),
      onWarning: this.#hooks.onWarning,
    });
    const reason = `a datagram socket that is bound there is told; in the container it is ${INSIDE}`;
    return { channel: "socket", choice: directory.path, reason };
  }

  #openListener(entry: SocketEntry, peer: Peer, onGone: () => void): Outlet {
    const onTooLong = (bytes: Uint8Array) => this.#sayTooLong(bytes);
    const { desk } = this.#host;
    return this.#add(listenerOutlet(entry.name, this.#view, { ...this.#partsFor(peer, onGone), desk, onTooLong }));
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
      open: (helper, onGone) => this.#add(new SocketOutlet(this.#view, this.#partsFor(helper, onGone, "container"))),
      onClosed: (outlet) => this.#remove(outlet),
      onLeaving: (work) => {
        this.#helperLeft = Promise.allSettled([this.#helperLeft, work]);
        this.#host.leaving(work);
      },
    });
  }

  #sayTooLong(bytes: Uint8Array): void {
    if (isWorthSaying(++this.#tooLong)) this.#hooks.onWarning(tooLong(this.#options.name, bytes, this.#tooLong));
  }

  #describeShadow(): readonly DeliveryChoice[] {
    const { shadow, deliver } = this.#options;
    if (shadow)
      return [{ channel: "shadow", choice: shadow.path, reason: "the runtime hands over its seccomp filter there" }];
    const reason = "the container's network namespace has a user namespace of its own";
    return deliver.shadow === "auto" ? [{ channel: "shadow", choice: "off", reason }] : [];
  }

  #shadowEnded(): void {
    if (!this.#closed) this.#hooks.onWarning(noMoreShadow(this.#options.name));
  }

  #add(outlet: Outlet, at = this.outlets.length): Outlet {
    if (this.#options.coldplug) outlet.fallBehind();
    else outlet.skipColdplug();
    this.outlets = [...this.outlets.slice(0, at), outlet, ...this.outlets.slice(at)];
    return outlet;
  }

  #remove(outlet: Outlet): void {
    this.outlets = this.outlets.filter((each) => each !== outlet);
    outlet.end();
  }
}
