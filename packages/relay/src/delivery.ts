import type { Peer, SocketDirectory, SocketEntry, Target, UdevDirectory } from "@uevent-bridge/kernel";

import type { WayIn } from "./container-target.js";
import { decideNetlink } from "./container-target.js";
import { BridgeError, asBridgeError } from "./errors.js";
import type { Host } from "./host.js";
import { INSIDE } from "./mount.js";
import type { Outlet, View } from "./outlet.js";
import { MsgpackOutlet } from "./outlets/msgpack-outlet.js";
import { NetlinkOutlet } from "./outlets/netlink-outlet.js";
import { SocketOutlet } from "./outlets/socket-outlet.js";
import { Share } from "./share.js";
import { Subscriptions } from "./subscriptions.js";
import type { Deliver, DeliveryChoice, Gap } from "./types.js";
import { Turn } from "./turn.js";
import { UdevDatabase } from "./udev/database.js";
import { tooLong, unwritable } from "./warnings.js";

export interface DeliveryOptions {
  readonly name: string;
  readonly deliver: Deliver;
  /** The directory that its listeners bind in, open; owned from now on. */
  readonly directory: SocketDirectory | undefined;
  /** Where its programs of libudev look, open; owned from now on. */
  readonly udevDirectory: UdevDirectory | undefined;
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
  readonly #host: Host;
  readonly #options: DeliveryOptions;
  readonly #hooks: DeliveryHooks;
  readonly #view: View;
  readonly #share = new Share();
  readonly #turn = new Turn();
  readonly #database: UdevDatabase | undefined;
  #takeAway: (() => Promise<void>) | undefined;
  #left: Promise<unknown> = Promise.resolve();
  #closed = false;
  #subscriptions: Subscriptions | undefined;
  readonly #netlinks: NetlinkOutlet[] = [];
  #choices: readonly DeliveryChoice[] = [];

  constructor(host: Host, options: DeliveryOptions, view: View, hooks: DeliveryHooks) {
    this.#host = host;
    this.#options = options;
    this.#view = view;
    this.#hooks = hooks;
    const { udevDirectory } = options;
    this.#database =
      udevDirectory &&
      new UdevDatabase(udevDirectory, (error) => hooks.onWarning(unwritable(udevDirectory.path, error)));
  }

  get choices(): readonly DeliveryChoice[] {
    return this.#choices;
  }

  /** Opens what was asked for; `local` is told first. @throws KernelError */
  open(local: Outlet, target: Target | undefined): void {
    this.#add(local);
    this.#choices = [this.#openDirectory(), this.#openNetlink(target)];
  }

  /** The container has started: its netlink may be spoken to. @throws KernelError */
  enter(target: Target): void {
    this.#choices = [...this.#choices.filter(({ channel }) => channel !== "netlink"), this.#openNetlink(target)];
  }

  /** Has its programs of libudev find their directory, if its engine did not. */
  place(target: Target): Promise<void> {
    const placed = this.#place(target);
    this.#leave(placed); // it may be detached meanwhile
    return placed;
  }

  async #place(target: Target): Promise<void> {
    const { udevDirectory } = this.#options;
    if (!udevDirectory || this.#closed) return;
    try {
      const takeAway = await target.placeUdev(udevDirectory);
      if (this.#closed) await takeAway?.();
      else this.#takeAway = takeAway;
    } catch (error) {
      this.#hooks.onWarning(inOurs(error)); // those who listen are told all the same
    }
  }

  /** Takes back what was placed. */
  takeAway(): void {
    if (this.#takeAway) this.#leave(this.#takeAway());
    this.#takeAway = undefined;
  }

  /** Resolves when nothing of ours is left in the container: what others take away is not waited for. */
  async left(): Promise<void> {
    await this.#left;
  }

  /** Resolves when its netlink took all that waits, or a reader there has kept it waiting for too long. */
  async settled(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#netlinks.map((netlink) => netlink.settled(signal)));
  }

  /** Whether it holds the process. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#options.directory?.ref();
    else this.#options.directory?.unref();
  }

  close(): void {
    this.#closed = true;
    this.takeAway();
    this.#subscriptions?.close();
    for (const netlink of this.#netlinks) netlink.close();
    this.#options.directory?.close();
    this.#options.udevDirectory?.close();
    for (const outlet of this.outlets) outlet.end();
    this.outlets = [];
  }

  #leave(work: Promise<void>): void {
    this.#left = Promise.allSettled([this.#left, work]); // what failed went with its namespace
    this.#host.leaving(work);
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
    const { outbox, limits } = this.#host;
    const onGap = (lost: number) => this.#hooks.onGap({ kind: "gap", lost, where: "listener" });
    const options = { outbox, peer, turn: this.#turn, share: this.#share, limit: limits.waitingBytes, onGone, onGap };
    const isMsgpack = entry.name.endsWith(".msgpack.sock"); // the longer suffix wins
    return this.#add(isMsgpack ? new MsgpackOutlet(this.#view, options) : new SocketOutlet(this.#view, options));
  }

  #openNetlink(target: Target | undefined): DeliveryChoice {
    if (saysUdev(this.#options.deliver)) this.#host.desk.open();
    const { ways, choice } = decideNetlink(this.#options.deliver.netlink, target, {
      desk: this.#host.desk,
      database: this.#database,
    });
    for (const way of ways) this.#netlinks.push(this.#openGroup(way));
    return choice;
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

function inOurs(error: unknown): BridgeError {
  const ours = asBridgeError(error);
  if (ours instanceof BridgeError) return ours;
  throw error;
}

/** True if somebody is to hear of the container's own net devices who does not hear its kernel. */
export function relaysNet({ directory, deliver }: DeliveryOptions): boolean {
  return directory !== undefined || saysUdev(deliver);
}

/** True if programs of libudev are told. */
export function saysUdev({ netlink }: Deliver): boolean {
  return netlink === "udev" || netlink === "both";
}
