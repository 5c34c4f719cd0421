import type { UdevRecord } from "../devices.js";
import type { LedgerText } from "../ledger.js";
import { toBytes } from "./bytes.js";
import type { FakeContainer } from "./container.js";
import type { HungAttribute } from "./hung.js";
import type { FakeNetns } from "./netns.js";
import type { FakeNode } from "./tree.js";
import { makeNode, setUdev } from "./world.js";
import type { NodeOptions, World } from "./world.js";

/** Where an event happens, and whether anybody hears of it. */
export interface EventOptions {
  /** The container whose network namespace it happens in: matters for network devices. Absent: the host's. */
  readonly netns?: FakeContainer;
  /** True: the tree changes, nobody is told. */
  readonly silent?: boolean;
}

/** Text values are latin1: one character, one byte. */
export interface PlugOptions extends EventOptions {
  readonly subsystem: string;
  /** The `uevent` file, in its order. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Bound at once: an `add`, then a `bind` that brings DRIVER. */
  readonly driver?: string;
  /** What udevd knows of it. */
  readonly udev?: Partial<UdevRecord>;
}

/** What changes with an event. Of `properties` and `attributes` those not named stay; `undefined` takes one away. */
export interface ChangeOptions extends EventOptions {
  readonly properties?: Readonly<Record<string, string | undefined>>;
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  readonly udev?: Partial<UdevRecord>;
  /** Said with this event only: `{ DISK_MEDIA_CHANGE: "1" }`. */
  readonly extras?: Readonly<Record<string, string>>;
}

/** The devices of the machine, and the means to make them come, change, move and go. */
export class FakeMachine {
  /** Another one after a restart, and on another machine. */
  boot = "boot";
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The caller is killed: what it has open does nothing any more, and what it made stays for the next. Shadows and helpers live on. */
  kill(): void {
    this.#world.kill();
  }

  /** The same in the middle of a call: what the caller goes on to open does nothing either. `kill` it when it does nothing more. */
  die(): void {
    this.#world.die();
  }

  /** How many things the caller has open that it can close. */
  get opened(): number {
    return this.#world.opened.size;
  }

  /** From now on somebody keeps the caller's source of the host's kernel, as systemd does: the next one goes on with it. */
  keepSource(): void {
    this.#world.keepsSource = true;
  }

  /** The source that is kept loses a datagram, and all that follow until somebody has read it. */
  overrunKept(): void {
    this.#world.kept?.socket.lose();
  }

  /** It dies when it has sent so many datagrams from now on, in the middle of sending: what it opens later does nothing, until `kill`. */
  killAfter(datagrams: number): void {
    this.#world.sendsLeft = datagrams;
  }

  /** Where ledgers are. */
  get ledgers(): readonly string[] {
    return this.#world.ledgers.paths;
  }

  /** As a relay left it that is not there any more. */
  putLedger(path: string, text: LedgerText): void {
    this.#world.ledgers.put(path, text);
  }

  /** The ledger there can no longer be read. */
  damageLedger(path: string): void {
    this.#world.ledgers.damage(path);
  }

  /** A device comes. Its ancestors, if they are devices, must be there already; plain directories need not be. */
  plug(devpath: string, options: PlugOptions): void {
    this.#make("add", devpath, options, options);
    if (options.driver !== undefined) this.bind(devpath, options.driver, options);
  }

  /** A kobject that is no device comes: `kobject("/devices/…/queues/rx-0", "queues")`, `kobject("/module/loop", "module")`. */
  kobject(devpath: string, subsystem: string, options: EventOptions = {}): void {
    this.#make("add", devpath, { subsystem, device: false }, options);
  }

  /** It goes, and all below it first: a `remove` for each. */
  unplug(devpath: string, options: EventOptions = {}): void {
    for (const node of this.#world.family(this.#find(devpath, options)).reverse()) {
      this.#world.treeOf(node).delete(node);
      this.#say("remove", node, options);
    }
  }

  change(devpath: string, options: ChangeOptions = {}): void {
    this.say("change", devpath, options);
  }

  /** A driver takes it: DRIVER is in its `uevent` file from now on. */
  bind(devpath: string, driver: string, options: EventOptions = {}): void {
    this.#find(devpath, options).driver = driver;
    this.say("bind", devpath, options);
  }

  unbind(devpath: string, options: EventOptions = {}): void {
    this.#find(devpath, options).driver = undefined;
    this.say("unbind", devpath, options);
  }

  /** It gets another path, and all below it silently too. One event, with DEVPATH_OLD. */
  move(devpath: string, newDevpath: string, options: ChangeOptions = {}): void {
    const node = this.#find(devpath, options);
    this.#world.treeOf(node).rename(devpath, newDevpath);
    this.say("move", newDevpath, { ...options, extras: { DEVPATH_OLD: devpath, ...options.extras } });
  }

  online(devpath: string, options: ChangeOptions = {}): void {
    this.say("online", devpath, options);
  }

  offline(devpath: string, options: ChangeOptions = {}): void {
    this.say("offline", devpath, options);
  }

  /** What writing `action` to the `uevent` file does: the device stays as it is. */
  synthetic(devpath: string, action: string, options: EventOptions & { readonly uuid?: string } = {}): void {
    this.say(action, devpath, { ...options, extras: { SYNTH_UUID: options.uuid ?? "0" } });
  }

  /** Any event of something that exists. */
  say(action: string, devpath: string, options: ChangeOptions = {}): void {
    const node = this.#find(devpath, options);
    update(node, options);
    this.#say(action, node, options, options.extras);
  }

  /** What udevd knows of a device from now on; nobody is told. */
  udev(devpath: string, record: Partial<UdevRecord> | undefined, options: EventOptions = {}): void {
    setUdev(this.#find(devpath, options), record);
  }

  /** Reads of an attribute wait until it is released or their time is up. */
  hang(devpath: string, attribute: string): HungAttribute {
    return this.#world.hang(devpath, attribute);
  }

  /** A class or a bus exists, even if no device of it ever came. */
  subsystem(name: string): void {
    this.#world.subsystems.add(name);
  }

  #make(action: string, devpath: string, node: NodeOptions, options: EventOptions): void {
    this.#say(action, makeNode(this.#world, devpath, node, netnsOf(options, this.#world)), options);
  }

  #find(devpath: string, options: EventOptions): FakeNode {
    return this.#world.node(devpath, netnsOf(options, this.#world));
  }

  #say(action: string, node: FakeNode, options: EventOptions, extras: Readonly<Record<string, string>> = {}): void {
    if (options.silent) return;
    const pairs = Object.entries(extras).map(([key, value]) => `${key}=${value}`);
    this.#world.say(action, node, pairs);
  }
}

function netnsOf(options: EventOptions, world: World): FakeNetns {
  return options.netns?.netns ?? world.host;
}

function update(node: FakeNode, options: ChangeOptions): void {
  for (const [key, value] of Object.entries(options.properties ?? {})) {
    if (value === undefined) node.properties.delete(key);
    else node.properties.set(key, value);
  }
  for (const [name, value] of Object.entries(options.attributes ?? {})) {
    if (value === undefined) node.attributes.delete(name);
    else node.attributes.set(name, toBytes(value));
  }
  if (options.udev) setUdev(node, options.udev);
}
