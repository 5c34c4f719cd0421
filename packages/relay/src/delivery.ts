import type { Peer, Shadow, SocketDirectory, SocketEntry, Target, UdevDirectory } from "@uevent-bridge/kernel";

import type { NetlinkDecision, WayIn } from "./container-target.js";
import { decideNetlink, decideShadow } from "./container-target.js";
import type { BridgeError } from "./errors.js";
import type { Host } from "./host.js";
import { INSIDE } from "./mount.js";
import type { Outlet, View } from "./outlet.js";
import { Budget } from "./outlets/budget.js";
import { DatabaseOutlet } from "./outlets/database-outlet.js";
import { udevForm } from "./outlets/form.js";
import { listenerOutlet } from "./outlets/listener-outlet.js";
import { NetlinkOutlet } from "./outlets/netlink-outlet.js";
import { Placement } from "./placement.js";
import { Share } from "./share.js";
import { Subscriptions } from "./subscriptions.js";
import type { Deliver, DeliveryChoice, Gap } from "./types.js";
import { Turn } from "./turn.js";
import { UdevDatabase } from "./udev/database.js";
import { noMoreShadow, tooLong, unwritable } from "./warnings.js";

export interface DeliveryOptions {
  readonly name: string;
  readonly deliver: Deliver;
  /** The directory that its listeners bind in, open; owned from now on. */
  readonly directory: SocketDirectory | undefined;
  /** Where its programs of libudev look, open; owned from now on. */
  readonly udevDirectory: UdevDirectory | undefined;
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

/** The ways out to one container: a socket for each of its listeners, and its own netlink. */
export class Delivery {
  /** Replaced when an outlet comes or goes, so that a loop over it is never disturbed. */
  outlets: readonly Outlet[] = [];
  /** Where its programs of libudev look. */
  readonly placement: Placement;
  readonly #host: Host;
  readonly #options: DeliveryOptions;
  readonly #hooks: DeliveryHooks;
  readonly #view: View;
  readonly #share = new Share();
  readonly #turn = new Turn();
  #database: DatabaseOutlet | undefined;
  #closed = false;
  #subscriptions: Subscriptions | undefined;
  #netlinks: readonly NetlinkOutlet[] = [];
  /** Whom those who listen in the shadow take us for. */
  #reader: Target["root"] | undefined;
  #choices: readonly DeliveryChoice[] = [];

  constructor(host: Host, options: DeliveryOptions, view: View, hooks: DeliveryHooks) {
    this.#host = host;
    this.#options = options;
    this.#view = view;
    this.#hooks = hooks;
    this.placement = new Placement(host, options.udevDirectory, hooks.onWarning);
  }

  get choices(): readonly DeliveryChoice[] {
    return this.#choices;
  }

  /** Opens what was asked for; `local` is told first. @throws KernelError */
  open(local: Outlet, target: Target | undefined): void {
    this.#add(local);
    this.#openDatabase();
    this.#choices = [this.#openDirectory(), this.#openNetlink(target), ...this.#describeShadow()];
    void this.#options.shadow?.ended.then(() => this.#shadowEnded());
  }

  /** The container has started: its netlink may be spoken to. @throws KernelError */
  enter(target: Target): void {
    const before = this.#reader;
    const now = this.#readerOf(target);
    if (now && before?.uid === now.uid && before.gid === now.gid) return; // they hear us already
    const old = this.#netlinks;
    const choice = this.#openNetlink(target);
    this.#choices = this.#choices.map((each) => (each.channel === "netlink" ? choice : each));
    for (const netlink of old) this.#close(netlink);
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
    this.placement.close();
    this.#subscriptions?.close();
    this.#database?.close();
    for (const netlink of this.#netlinks) netlink.close();
    this.#options.directory?.close();
    this.#options.udevDirectory?.close();
    this.#options.shadow?.close();
    for (const outlet of this.outlets) outlet.end();
    this.outlets = [];
  }

  #openDatabase(): void {
    const { udevDirectory } = this.#options;
    if (!udevDirectory) return;
    const { desk, limits } = this.#host;
    this.#database = new DatabaseOutlet(this.#view, {
      prepare: udevForm(desk).prepare,
      desk,
      limits,
      share: this.#share,
      budget: new Budget(limits.waitingBytes),
      database: new UdevDatabase(udevDirectory, (error) =>
        this.#hooks.onWarning(unwritable(udevDirectory.path, error)),
      ),
    });
    this.#add(this.#database);
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
    const { outbox, limits, desk } = this.#host;
    const onGap = (lost: number) => this.#hooks.onGap({ kind: "gap", lost, where: "listener" });
    const onTooLong = (bytes: Uint8Array) => this.#hooks.onWarning(tooLong(this.#options.name, bytes));
    const budget = new Budget(limits.waitingBytes);
    const parts = { outbox, peer, desk, limits, budget, turn: this.#turn, share: this.#share };
    return this.#add(listenerOutlet(entry.name, this.#view, { ...parts, onGone, onGap, onTooLong }));
  }

  #openNetlink(target: Target | undefined): DeliveryChoice {
    if (saysUdev(this.#options.deliver)) this.#host.desk.open();
    const { ways, choice } = this.#decide(target);
    this.#netlinks = ways.map((way) => this.#openGroup(way));
    return choice;
  }

  #decide(target: Target | undefined): NetlinkDecision {
    const { deliver, shadow } = this.#options;
    const { desk } = this.#host;
    if (!shadow) return decideNetlink(deliver.netlink, target, desk);
    const reader = this.#readerOf(target) ?? shadow.root;
    const decision = decideShadow(deliver.netlink, { shadow, reader }, desk);
    this.#reader = reader;
    return decision;
  }

  /** Only root can pass for somebody else. */
  #readerOf(target: Target | undefined): Target["root"] | undefined {
    const { shadow } = this.#options;
    return target && process.getuid?.() === 0 ? target.user : shadow?.root;
  }

  #close(netlink: NetlinkOutlet): void {
    netlink.close();
    this.#remove(netlink);
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

  #openGroup({ injector, form }: WayIn): NetlinkOutlet {
    const { outbox, limits } = this.#host;
    const outlet = new NetlinkOutlet(this.#view, {
      outbox,
      injector,
      form,
      limits,
      share: this.#share,
      coldplug: this.#options.coldplug,
      onGap: (lost) => this.#hooks.onGap({ kind: "gap", lost, where: "container" }),
      onTooLong: (bytes) => this.#hooks.onWarning(tooLong(this.#options.name, bytes)),
      onGone: this.#hooks.onGone,
    });
    this.#add(outlet);
    return outlet;
  }

  #add(outlet: Outlet): Outlet {
    if (this.#options.coldplug) outlet.fallBehind();
    else outlet.skipColdplug();
    this.outlets = [...this.outlets, outlet];
    return outlet;
  }

  #remove(outlet: Outlet): void {
    this.outlets = this.outlets.filter((each) => each !== outlet);
    outlet.end();
  }
}

/** True if somebody is to hear of the container's own net devices who does not hear its kernel. */
export function relaysNet({ directory, shadow, deliver }: DeliveryOptions): boolean {
  return directory !== undefined || shadow !== undefined || saysUdev(deliver);
}

/** True if programs of libudev are told. */
export function saysUdev({ netlink }: Deliver): boolean {
  return netlink === "udev" || netlink === "both";
}
