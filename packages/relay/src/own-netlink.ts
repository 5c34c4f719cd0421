import type { Target, UdevDirectory, UeventGroup } from "@uevent-bridge/kernel";

import type { Choice } from "./choose.js";
import { choose, lookAt } from "./choose.js";
import { openWays, saysUdev } from "./container-target.js";
import type { DeliveryOptions } from "./delivery-options.js";
import { doAll } from "./do-all.js";
import type { BridgeError } from "./errors.js";
import { troubleOf } from "./errors.js";
import type { Host } from "./host.js";
import type { Outlet } from "./outlet.js";
import type { View } from "./view.js";
import { NetlinkOutlet } from "./outlets/netlink-outlet.js";
import type { NetlinkOptions } from "./outlets/netlink-outlet.js";
import type { OwnJournal } from "./own-journal.js";
import { RunUdev } from "./run-udev.js";
import type { DeliveryChoice } from "./types.js";
import { udevdCame, unwritable } from "./warnings.js";

/** Milliseconds between two looks whether a udevd has come to where none was. */
const UDEVD_MS = 10_000;

const NOT_STARTED = "the container has not started; with --pid, once it runs, it is decided";

export interface OwnNetlinkHooks extends Pick<NetlinkOptions, "share" | "onGap" | "onGone"> {
  /** Where it is written down what is said. */
  readonly journal: OwnJournal;
  readonly onWarning: (warning: BridgeError) => void;
  readonly onTooLong: (bytes: Uint8Array) => void;
  readonly onOutlet: (outlet: Outlet, rank: "database" | "others") => void;
  readonly onClosed: (outlet: Outlet) => void;
}

/** A container's own netlink, or that of its shadow: who is spoken to there, and the `/run/udev` that belongs to it. */
export class OwnNetlink {
  readonly #host: Host;
  readonly #options: DeliveryOptions;
  readonly #view: View;
  readonly #hooks: OwnNetlinkHooks;
  readonly #outlets = new Map<NetlinkOutlet, UeventGroup>();
  #chosen: Choice | undefined; // by `auto`
  #choice: DeliveryChoice | undefined;
  /** Whom those who listen in the shadow take us for. */
  #reader: Target["root"] | undefined;
  #runUdev: RunUdev | undefined;
  #left: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(host: Host, options: DeliveryOptions, view: View, hooks: OwnNetlinkHooks) {
    this.#host = host;
    this.#options = options;
    this.#view = view;
    this.#hooks = hooks;
    this.#runUdev = options.udevDirectory && this.#runUdevIn(options.udevDirectory);
  }

  get choices(): readonly DeliveryChoice[] {
    return this.#choice ? [this.#choice] : [];
  }

  get saysUdev(): boolean {
    return saysUdev(this.#options.deliver.netlink) || saysUdev(this.#chosen?.netlink);
  }

  /** The container has started: `auto` chooses who is told, and its programs of libudev find their directory, if they are. */
  async prepare(target: Target): Promise<void> {
    if (this.#isAuto) this.#chosen = await this.#choose(target);
    else await this.#runUdev?.place(target).catch((error) => this.#hooks.onWarning(troubleOf(error))); // who listens is told all the same
  }

  /** Has `/run/udev` kept in step, before others are told what is in it. */
  openDatabase(): void {
    const outlet = this.#runUdev?.openOutlet(this.#host, this.#view, this.#hooks.share);
    if (outlet) this.#hooks.onOutlet(outlet, "database");
  }

  /** Begins to speak, if there is somebody to speak to. @throws KernelError if what was asked for cannot be had */
  open(target: Target | undefined): void {
    const { shadow } = this.#options;
    const reader = this.#readerOf(target);
    if (target && reader && isSame(this.#reader, reader)) return; // they hear us already
    const before = [...this.#outlets.keys()];
    this.openDatabase();
    const choice = this.#decide(target);
    try {
      if (shadow && reader) this.#open({ openInjector: (group) => shadow.openInjector(group, reader) }, choice);
      else if (target) this.#open(target, choice);
      this.#reader = reader;
      this.#say(choice);
      for (const outlet of before) this.#closeOutlet(outlet);
    } catch (error) {
      if (!this.#isAuto) throw error;
      const { message: reason } = troubleOf(error);
      this.leave();
      this.#say({ netlink: "off", reason });
    }
  }

  /** As if the container had not started: a shadow is spoken to before that too. */
  leave(): void {
    this.#chosen = undefined;
    clearTimeout(this.#timer);
    if (!this.#options.shadow) for (const outlet of this.#outlets.keys()) this.#closeOutlet(outlet);
    if (this.#isAuto) this.#closeRunUdev();
    else this.#runUdev?.takeAway();
  }

  /** Resolves when nothing of ours is left in the container: what others take away is not waited for. */
  async left(): Promise<void> {
    await this.#left;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    doAll(...Array.from(this.#outlets.keys(), (outlet) => () => outlet.close()), () => this.#runUdev?.close());
  }

  get #isAuto(): boolean {
    return this.#options.deliver.netlink === "auto" && !this.#options.shadow;
  }

  /** Whom those who listen in the shadow have to take us for: only root can pass for somebody else. */
  #readerOf(target: Target | undefined): Target["root"] | undefined {
    const { shadow } = this.#options;
    return shadow && target && process.getuid?.() === 0 ? target.user : shadow?.root;
  }

  #decide(target: Target | undefined): Choice {
    const { shadow, deliver } = this.#options;
    const { netlink = "off" } = deliver;
    if (netlink === "off") return { netlink, reason: "it was not asked for" };
    if (!target && !shadow) return { netlink: "off", reason: NOT_STARTED };
    if (netlink !== "auto") return { netlink, reason: "it was asked for" };
    return this.#chosen ?? { netlink: "kernel", reason: "it is what its programs would hear of the kernel" };
  }

  async #choose(target: Target): Promise<Choice> {
    const look = await lookAt(target);
    const choice = choose(look);
    if (!saysUdev(choice.netlink) || this.#closed) return choice;
    try {
      this.#runUdev = this.#runUdevIn(this.#options.openUdevDirectory());
      await this.#runUdev.place(target);
      return choice;
    } catch (error) {
      const { message } = troubleOf(error);
      this.#closeRunUdev();
      if (look.control) return choice;
      return { netlink: "kernel", reason: `programs of libudev would not listen: ${message}` };
    }
  }

  #open(target: Pick<Target, "openInjector"> & Partial<Target>, { netlink }: Choice): void {
    const { desk, outbox, limits } = this.#host;
    const { coldplug, shadow } = this.#options;
    if (saysUdev(netlink)) desk.open();
    for (const { injector, form: own } of openWays(target, netlink, desk)) {
      const form = shadow ? { ...own, tellsNet: true } : own; // nobody hears a kernel there
      const account = this.#hooks.journal.open(`netlink ${form.group} ${this.#options.subscriber.netns}`);
      const options = { ...this.#hooks, outbox, limits, injector, form, coldplug, account };
      const outlet = new NetlinkOutlet(this.#view, options);
      this.#outlets.set(outlet, form.group);
      this.#hooks.onOutlet(outlet, "others");
    }
    if (this.#isAuto && saysUdev(netlink)) this.#lookForUdevd(target as Target);
  }

  #say({ netlink, reason }: Choice): void {
    this.#choice = { channel: "netlink", choice: netlink, reason };
  }

  /** One that is installed later would find our directory in its way, and die. */
  #lookForUdevd(target: Target): void {
    this.#timer = setTimeout(() => void this.#look(target), UDEVD_MS).unref();
  }

  async #look(target: Target): Promise<void> {
    const look = await lookAt(target);
    if (this.#closed) return;
    if (look.udevd === "runs" || look.udevd === "installed") this.#makeRoom(choose(look));
    if (look.udevd === "absent") this.#lookForUdevd(target); // one that does not answer would keep a process each time
  }

  #makeRoom(choice: Choice): void {
    for (const [outlet, group] of this.#outlets) if (group !== "kernel") this.#closeOutlet(outlet);
    this.#closeRunUdev();
    this.#chosen = choice;
    this.#say(choice);
    this.#hooks.onWarning(udevdCame(this.#options.name));
  }

  #closeOutlet(outlet: NetlinkOutlet): void {
    outlet.close();
    this.#outlets.delete(outlet);
    this.#hooks.onClosed(outlet);
  }

  #runUdevIn(directory: UdevDirectory): RunUdev {
    return new RunUdev(directory, {
      onTrouble: (error) => this.#hooks.onWarning(unwritable(directory.path, error)),
      onLeaving: (work) => {
        this.#left = Promise.allSettled([this.#left, work]); // what failed went with its namespace
        this.#host.leaving(work);
      },
    });
  }

  #closeRunUdev(): void {
    if (this.#runUdev?.outlet) this.#hooks.onClosed(this.#runUdev.outlet);
    this.#runUdev?.close();
    this.#runUdev = undefined;
  }
}

function isSame(a: Target["root"] | undefined, b: Target["root"]): boolean {
  return a?.uid === b.uid && a.gid === b.gid;
}
