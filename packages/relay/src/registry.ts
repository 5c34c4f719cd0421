import type { DeviceTree, RawDevice } from "@uevent-bridge/kernel";
import { type KernelUevent, stateFromUeventFile } from "@uevent-bridge/uevent";

import { isOlder, isSynthetic, ownState } from "./event-state.js";
import { troubleOf } from "./errors.js";
import { KnownDevice, isSame } from "./known-device.js";
import { NET_SUBSYSTEMS } from "./net-subsystems.js";
import type { Difference, RegistryOptions } from "./registry-options.js";
import type { Transition } from "./transition.js";
import { Tree, between } from "./tree.js";

type Said = Extract<Transition, { kind: "said" | "appeared" | "ignored" }>;

/** What exists. The only reader of `/sys`. */
export class Registry {
  readonly tree: Tree;
  /** An event spoke of a device that nobody knew, or that cannot be looked at: there may be more of them, and `/sys` must be read. */
  incomplete = false;
  readonly #options: RegistryOptions;
  readonly #unsure = new Set<KnownDevice>();
  /** While what is said is of the past: what `/sys` shows already, by incarnation. */
  #found: ReadonlyMap<string, KnownDevice> | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.tree = new Tree(options.above);
  }

  /** Reads `/sys` and returns what differs from what was known or said; one that is unsure counts as another device. */
  async enumerate(): Promise<Difference> {
    const found = await this.#options.devices.enumerate();
    const accepted = found.filter((raw) => this.#accepts(raw.subsystem, raw.devpath));
    const wanted = this.#options.bound?.choose(accepted, this.tree) ?? accepted;
    const present = new Map(wanted.map((raw) => [raw.devpath, raw]));
    const gone = [...this.tree.devices()].filter((device) => !isSame(device, present.get(device.devpath))).reverse();
    for (const device of gone) this.#delete(device);
    const changed = [...this.tree.devices()].filter((device) => this.#reread(device, present.get(device.devpath)));
    const came = wanted.filter((raw) => !this.tree.get(raw.devpath)).map((raw) => this.#addRaw(raw));
    for (const device of this.tree.devices()) device.isSaidLate = false;
    this.incomplete = false;
    return { gone, came, changed };
  }

  /** Every event up to now has been applied: the devices that were added are the ones that `/sys` shows. */
  settle(): void {
    for (const device of this.#unsure) device.settle();
    this.#unsure.clear();
  }

  /** It may be an older one than `/sys` shows, whose end is still to be said, or was lost. */
  doubt(device: KnownDevice): KnownDevice {
    device.unsure = true;
    this.#unsure.add(device);
    return device;
  }

  /** What is said from now on was said before `/sys` was read. */
  rewind(): void {
    this.#found = new Map(Array.from(this.tree.devices(), (device) => [device.incarnation, device]));
  }

  /** All of that has been said. Of these nobody has said that they went. */
  arrive(ghosts: Iterable<KnownDevice>): void {
    this.#found = undefined;
    for (const ghost of ghosts) if (this.tree.get(ghost.devpath) === ghost) this.#delete(ghost);
  }

  /** The devices that a `move` will take elsewhere. */
  moving(event: KernelUevent): Iterable<KnownDevice> {
    const from = event.get("DEVPATH_OLD");
    return from === undefined ? [] : this.tree.below(from);
  }

  /** The devices that a `remove` will take out. */
  leaving(event: KernelUevent): Iterable<KnownDevice> {
    return event.action === "remove" && !isSynthetic(event) ? this.tree.below(event.devpath) : [];
  }

  apply(event: KernelUevent): Transition {
    const device = this.tree.get(event.devpath);
    if (!device && !this.#isDevice(event)) return this.#object(event);
    if (!device && this.#options.bound?.leavesOut(event, this.tree)) return { kind: "ignored", reason: "absent" };
    const isOrphan = !device && event.action !== "remove" && this.#isOrphan(event.devpath);
    this.incomplete ||= isOrphan;
    if (isOrphan) return { kind: "ignored", reason: "absent" }; // `/sys` shows its parent too, and they are told in their order
    if (event.action === "add") return this.#add(event, device);
    if (event.action === "remove") return this.#remove(event, device);
    if (event.action === "move") return this.#move(event, device);
    return this.#said(event, device);
  }

  #isOrphan(devpath: string): boolean {
    const above = between(this.tree.nearest(devpath)?.devpath ?? "", devpath);
    const found = above.map((each) => this.#look((devices) => devices.read(each)));
    return found.some((raw) => raw && this.#accepts(raw.subsystem, raw.devpath));
  }

  #add(event: KernelUevent, known: KnownDevice | undefined): Transition {
    if (!known) return { kind: "added", device: this.#foundAt(event) ?? this.#addNew(event) };
    if (isSynthetic(event)) return this.#said(event, known, "change");
    const incarnation = this.#look((devices) => devices.incarnation(event.devpath));
    if (incarnation !== undefined && incarnation !== known.incarnation) return this.#replace(event, known);
    if (this.#found) return { kind: "added", device: this.doubt(known.saidBefore(event)) }; // who has not been told that yet is told now
    if (event.state === known.state) return { kind: "known", device: known }; // the enumeration was quicker
    return { kind: "said", device: known, changed: this.#update(known, event), as: "change" };
  }

  #replace(event: KernelUevent, old: KnownDevice): Transition {
    const unsaid = this.#deleteAll(old);
    return { kind: "replaced", device: this.#foundAt(event) ?? this.#addNew(event), unsaid };
  }

  /** The device that `/sys` showed there, where it is the one that came: it is in the tree again. */
  #foundAt(event: KernelUevent): KnownDevice | undefined {
    const found = this.#found?.get(this.#incarnation(event.devpath));
    if (found?.devpath !== event.devpath) return undefined;
    this.tree.add(found);
    return this.doubt(found.beginAnew().saidBefore(event));
  }

  #remove(event: KernelUevent, device: KnownDevice | undefined): Transition {
    if (!device) return { kind: "ignored", reason: "absent" };
    if (isSynthetic(event)) return this.#said(event, device, "change"); // it is still there
    const unsaid = this.#deleteAll(device).slice(0, -1);
    this.incomplete ||= this.#options.bound?.takesRoom(this.tree) === true;
    return { kind: "removed", device, unsaid };
  }

  #move(event: KernelUevent, atNewPath: KnownDevice | undefined): Transition {
    const from = event.get("DEVPATH_OLD");
    if (from === undefined) return this.#said(event, atNewPath, "change");
    const device = this.tree.get(from);
    if (device && atNewPath && this.#found) this.#deleteAll(atNewPath); // it is this one, which `/sys` showed there already
    if (!device || this.tree.get(event.devpath)) return this.#movedBefore(event, from, atNewPath);
    this.tree.move(device, event.devpath);
    for (const each of device.node.devices()) {
      if (!each.unsure && !each.isSaidLate) continue;
      const raw = this.#look((devices) => devices.read(each.devpath)); // it had left its first path already
      if (each.unsure) each.identify(raw?.incarnation ?? "gone");
      if (raw?.incarnation === each.incarnation) this.#reread(each, raw);
    }
    const there = this.#incarnation(event.devpath);
    const isOther = !device.unsure && there !== "gone" && there !== device.incarnation;
    this.incomplete ||= isOther && !this.#found; // it had moved before `/sys` was read, and this one had taken its old path
    this.#update(device, event);
    return { kind: "moved", device, from };
  }

  /** The enumeration found it under its new path already: there it is told, and nothing is left where it was. */
  #movedBefore(event: KernelUevent, from: string, atNewPath: KnownDevice | undefined): Transition {
    const unsaid = [...this.tree.below(from)].reverse();
    for (const each of unsaid) this.#delete(each);
    return { ...this.#said(event, atNewPath, "change"), unsaid };
  }

  #said(event: KernelUevent, known: KnownDevice | undefined, as?: "change"): Said {
    if (known) return { kind: "said", device: known, changed: this.#update(known, event), ...(as && { as }) };
    const raw = this.#found ? undefined : this.#look((devices) => devices.read(event.devpath)); // who came later than what is said will come
    if (!raw) return { kind: "ignored", reason: "absent" };
    this.incomplete = true;
    return { kind: "appeared", device: this.doubt(this.#addRaw(raw)) };
  }

  /** Takes over the properties that the event carries; true if they are not those that were known. */
  #update(device: KnownDevice, event: KernelUevent): boolean {
    const said = ownState(event.state);
    const wasLate = device.isSaidLate; // then what is known may have extras of the event before
    device.isSaidLate = false;
    if (said === device.state && !wasLate) return false;
    // The event has its extras and the device's properties with no mark between: its `uevent` file tells them apart.
    const raw = this.#look((devices) => devices.read(device.devpath));
    const isThere = raw?.incarnation === device.incarnation;
    const state = isThere ? stateFromUeventFile(raw.uevent) : said;
    const changed = state !== device.state;
    device.state = state;
    device.isSaidLate = !isThere || isOlder(said, state);
    return changed;
  }

  #addNew({ devpath, subsystem, state }: KernelUevent): KnownDevice {
    return this.doubt(this.#known(devpath, subsystem, ownState(state), this.#incarnation(devpath)));
  }

  #incarnation(devpath: string): string {
    return this.#look((devices) => devices.incarnation(devpath)) ?? "gone"; // its `remove` or `move` is on the way
  }

  /** What the system refuses to show now is read with all of `/sys`. */
  #look<T>(look: (devices: DeviceTree) => T): T | undefined {
    try {
      return look(this.#options.devices);
    } catch (error) {
      troubleOf(error);
      this.incomplete = true;
      return undefined;
    }
  }

  #addRaw(raw: RawDevice): KnownDevice {
    return this.#known(raw.devpath, raw.subsystem, stateFromUeventFile(raw.uevent), raw.incarnation);
  }

  #known(devpath: string, subsystem: string, state: string, incarnation: string): KnownDevice {
    const netns = this.#isNet(subsystem, devpath) ? this.#options.netns : undefined;
    const device = new KnownDevice(devpath, subsystem, state, incarnation, netns);
    this.tree.add(device);
    device.outerParent = this.#options.outer?.tree.nearest(devpath);
    return device;
  }

  #reread(device: KnownDevice, raw: RawDevice | undefined): boolean {
    const state = raw ? stateFromUeventFile(raw.uevent) : device.state;
    const changed = state !== device.state;
    device.state = state;
    return changed;
  }

  /** Takes out a device and all below it; returns them, children first. */
  #deleteAll(device: KnownDevice): KnownDevice[] {
    const all = [...device.node.devices()].reverse();
    for (const each of all) this.#delete(each);
    return all;
  }

  #delete(device: KnownDevice): void {
    device.outerParent = device.parent; // who saw it depends on what it was below
    this.tree.delete(device);
    this.#unsure.delete(device);
    device.isSaidLate = false;
  }

  #object(event: KernelUevent): Transition {
    if (!event.devpath.startsWith("/devices/")) return { kind: "ignored", reason: "not-a-device" };
    const device = this.tree.nearest(event.devpath);
    return device ? { kind: "object", device } : { kind: "ignored", reason: "not-a-device" };
  }

  #isDevice({ subsystem, devpath }: KernelUevent): boolean {
    return devpath.startsWith("/devices/") && this.#look(() => this.#accepts(subsystem, devpath)) === true;
  }

  #accepts(subsystem: string, devpath: string): boolean {
    if (!this.#options.devices.isSubsystem(subsystem)) return false;
    return !this.#options.netOnly || this.#isNet(subsystem, devpath);
  }

  #isNet(subsystem: string, devpath: string): boolean {
    return NET_SUBSYSTEMS.has(subsystem) || this.tree.nearest(devpath)?.netns !== undefined;
  }
}
