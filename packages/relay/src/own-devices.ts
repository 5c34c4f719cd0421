import type { DeviceRights, SysDirectory, Target } from "@uevent-bridge/kernel";
import type { Found } from "@uevent-bridge/view";
import { DeviceView } from "@uevent-bridge/view";

import { leastWordsFor, wordsFor } from "./claiming.js";
import { describeDevicePlace } from "./device-place.js";
import type { DevicePlace } from "./device-place.js";
import type { BridgeError } from "./errors.js";
import { troubleOf } from "./errors.js";
import type { Host } from "./host.js";
import type { KnownDevice } from "./known-device.js";
import { look, lookAtRights } from "./look.js";
import type { Outlet } from "./outlet.js";
import type { View } from "./view.js";
import { Budget } from "./outlets/budget.js";
import { udevForm } from "./outlets/form.js";
import { LinksOutlet } from "./outlets/links-outlet.js";
import { ViewOutlet } from "./outlets/view-outlet.js";
import { OwnSys } from "./own-sys.js";
import { Placed } from "./placed.js";
import type { Share } from "./share.js";
import type { Subscriber } from "./selection.js";
import { shownOf } from "./shown.js";
import { numberOf } from "./snapshot.js";
import type { ContainerNode, DeliveryChoice, Explanation } from "./types.js";
import { rightsReplaced } from "./warnings.js";
import { isWorthSaying } from "./worth-saying.js";

/** Milliseconds between two looks whether somebody has replaced what says what may be opened, or refuses what is granted. */
const HOLD_MS = 1000;

/** What can be looked at in a container. */
const LOOKED_AT = ["dev", "sysfs"] as const;

export interface OwnDevicesOptions {
  readonly name: string;
  readonly subscriber: Subscriber;
  /** Where it has its devices, open; owned from now on. */
  readonly place: DevicePlace | undefined;
  /** Its `/sys`, open; owned from now on. */
  readonly sysDirectory: SysDirectory | undefined;
  /** What its programs may open, if its cgroup is known; owned from now on. `auto`: it is that of its process. */
  readonly rights: DeviceRights | "auto" | undefined;
  readonly share: Share;
  readonly onWarning: (warning: BridgeError) => void;
  readonly onOutlet: (outlet: Outlet, place: "view" | "sys" | "links") => void;
  /** This is still to be done in the container. */
  readonly onLeaving: (work: Promise<void>) => void;
}

/** What a container has of its devices: its `/dev`, its `/sys`, and what its programs may open. */
export class OwnDevices {
  readonly #host: Host;
  readonly #options: OwnDevicesOptions;
  readonly #nameOf: View["nameOf"];
  readonly #view: DeviceView<KnownDevice> | undefined;
  readonly #outlet: ViewOutlet | undefined;
  readonly #sys: OwnSys | undefined;
  readonly #placed: Placed;
  #rights: DeviceRights | undefined;
  #target: Target | undefined;
  #toHost: Target["toHost"] = (ids) => ids; // until it has started
  #timer: NodeJS.Timeout | undefined;
  #troubles = 0;

  constructor(host: Host, view: View, options: OwnDevicesOptions) {
    this.#host = host;
    this.#options = options;
    this.#nameOf = view.nameOf;
    this.#placed = new Placed(options.onLeaving);
    const onTrouble = (error: unknown) => this.#sayTrouble(error);
    const { sysDirectory } = options;
    if (sysDirectory) this.#sys = new OwnSys(host, view, { ...options, directory: sysDirectory, onTrouble });
    if (!options.place && !options.rights) return;
    this.#view = new DeviceView({
      directory: options.place?.directory,
      toHost: (ids) => this.#toHost(ids),
      onTrouble,
    });
    this.#outlet = new ViewOutlet(view, { devices: this.#view, shownOf: (device) => this.#shownOf(device) });
    if (options.rights && options.rights !== "auto") this.#useRights(options.rights);
  }

  get choices(): readonly DeliveryChoice[] {
    const { place } = this.#options;
    const dev = place ? [describeDevicePlace(place)] : [];
    return [...dev, ...(this.#sys ? [this.#sys.choice] : []), ...this.#describeRights()];
  }

  /** The container has started: it is known whose its nodes are, and where it is said what may be opened. @throws KernelError */
  prepare(target: Target): void {
    this.#sys?.prepare(target);
    this.#target = target;
    this.#toHost = (ids) => target.toHost(ids);
    this.#view?.renumber();
    if (this.#options.rights === "auto") this.#useRights(target.openDeviceRights());
  }

  /** Shows what there is. The rules are in force. @throws RuleError POLICY_CONFLICT */
  open(view: View): void {
    if (!this.#outlet && !this.#sys) return;
    for (const device of view.wanted()) this.#wordsOf(device);
    if (this.#outlet) this.#options.onOutlet(this.#outlet, "view");
    if (this.#sys) this.#options.onOutlet(this.#sys.outlet, "sys");
    if (this.#view && this.#options.place) this.#openLinks(view, this.#view);
    this.#host.flush();
  }

  /** Has a running container find it, if its engine did not. @throws KernelError */
  async place(target: Target): Promise<void> {
    const directory = this.#options.place?.directory;
    if (directory && !directory.isShared) await this.#placed.place(target.placeDevices(directory));
    await this.#sys?.place(target);
  }

  /** The rules say other words than before. */
  refresh(): void {
    this.#outlet?.refresh();
    this.#sys?.outlet.refresh();
  }

  shows(device: KnownDevice): boolean {
    return this.#view?.shows(device) ?? false;
  }

  /** True if its node, or a link to it, has this name in the container: latin1, below `/dev`. */
  isCalled(device: KnownDevice, name: string): boolean {
    const own = this.#nameOf?.(device) ?? device.properties.get("DEVNAME");
    return own === name || (this.#view?.find(device)?.links.includes(name) ?? false);
  }

  /** What it is to have of a device, and what keeps each of these channels from being so. */
  async look(device: KnownDevice, channels: ReadonlySet<string>): Promise<Pick<Explanation, "node" | "channels">> {
    const node = this.#view?.find(device);
    const number = numberOf(device);
    const right = number && {
      number,
      access: node?.access ?? leastWordsFor(this.#options.subscriber, device).access ?? "rw",
    };
    const looked = { devpath: device.devpath, node, right, target: this.#target, rights: this.#rights };
    const isAmiss = node?.unmapped && this.#options.place; // that is known without a look
    const asked = LOOKED_AT.filter((channel) => channels.has(channel) || (isAmiss && channel === "dev"));
    const states = await Promise.all(asked.map(async (channel) => [channel, await look(looked, channel)] as const));
    const cgroup = channels.has("cgroup") ? lookAtRights(looked) : undefined;
    return {
      ...(node && { node: explained(node) }),
      channels: { ...Object.fromEntries(states), ...(cgroup && { cgroup }) },
    };
  }

  /** As if the container had not started. */
  leave(): void {
    this.#target = undefined;
    if (this.#options.rights === "auto") this.#giveBackRights();
    this.#placed.leave();
    this.#sys?.leave();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#placed.close(() => this.#outlet?.close());
    this.#sys?.close();
  }

  #openLinks(view: View, devices: DeviceView<KnownDevice>): void {
    const { desk, limits } = this.#host;
    const { share, onOutlet } = this.#options;
    const budget = new Budget(limits.waitingBytes);
    desk.open();
    const { prepare } = udevForm(desk);
    onOutlet(new LinksOutlet(view, { prepare, desk, limits, share, budget, devices }), "links");
  }

  #useRights(rights: DeviceRights): void {
    this.#rights = rights;
    this.#view?.useRights(rights);
    this.#timer = setInterval(() => this.#hold(rights), HOLD_MS).unref();
  }

  /** Another process may be joined, in another cgroup. */
  #giveBackRights(): void {
    clearInterval(this.#timer);
    this.#rights = undefined;
    this.#view?.giveBackRights();
  }

  #hold(rights: DeviceRights): void {
    try {
      if (rights.hold()) this.#options.onWarning(rightsReplaced(this.#options.name, rights.path));
    } catch (error) {
      this.#sayTrouble(error);
    }
    this.#view?.lookForRefusals();
  }

  #describeRights(): readonly DeliveryChoice[] {
    if (!this.#rights) return [];
    const { adds, path } = this.#rights;
    const reason = adds
      ? "what the container may see is added to what its runtime lets it open"
      : "what the container may see is all that it can open";
    return [{ channel: "cgroup", choice: path, reason }];
  }

  /** Rules that came later, or of which a change of the device has one more pick it, may contradict each other. */
  #shownOf(device: KnownDevice) {
    const local = this.#nameOf?.(device);
    try {
      return shownOf(device, this.#wordsOf(device), local);
    } catch (error) {
      this.#sayTrouble(error);
      return shownOf(device, leastWordsFor(this.#options.subscriber, device), local);
    }
  }

  #wordsOf(device: KnownDevice) {
    return wordsFor(this.#options.subscriber, device);
  }

  #sayTrouble(error: unknown): void {
    const trouble = troubleOf(error);
    if (isWorthSaying(++this.#troubles)) this.#options.onWarning(trouble);
  }
}

function explained({ name, number, mode, owner, access, links }: Found): ContainerNode {
  return { path: `/dev/${name}`, ...number, mode, ...owner, access, links: links.map((link) => `/dev/${link}`) };
}
