import type { FakeKernel } from "@uevent-bridge/kernel/testing";

/** Devices that may exist, parents first; two of them take each other's path by `move`. */
export const PLACES: readonly { readonly devpath: string; readonly subsystem: string }[] = [
  { devpath: "/devices/pci0/usb1", subsystem: "usb" },
  { devpath: "/devices/pci0/usb1/1-1", subsystem: "usb" },
  { devpath: "/devices/pci0/usb1/1-1/1-1:1.0", subsystem: "usb" },
  { devpath: "/devices/pci0/usb1/1-1/1-1:1.0/host0/block/sda", subsystem: "block" },
  { devpath: "/devices/pci0/usb1/1-1/1-1:1.0/host0/block/sda/sda1", subsystem: "block" },
  { devpath: "/devices/pci0/usb1/1-2", subsystem: "usb" },
  { devpath: "/devices/pci0/usb1/1-2/1-2:1.0", subsystem: "usb" },
  { devpath: "/devices/pci0/usb1/1-2/1-2:1.0/tty/ttyACM0", subsystem: "tty" },
  { devpath: "/devices/pci0/usb10", subsystem: "usb" },
  { devpath: "/devices/virtual/block/loop0", subsystem: "block" },
  { devpath: "/devices/virtual/block/loop1", subsystem: "block" },
  { devpath: "/devices/virtual/misc/a", subsystem: "misc" },
  { devpath: "/devices/virtual/misc/a/below", subsystem: "misc" },
  { devpath: "/devices/virtual/misc/b", subsystem: "misc" },
  { devpath: "/devices/virtual/misc/b/below", subsystem: "misc" },
];

export interface ModelDevice {
  /** Another one for each device that comes. */
  readonly diskseq: string;
  readonly subsystem: string;
  readonly driver: string | undefined;
  readonly mood: string;
  readonly removable: string;
}

/** Rules with their meaning in one line each: what a relay is held to. */
export const RULES: readonly {
  readonly text: string;
  readonly picks: (devpath: string, device: ModelDevice) => boolean;
}[] = [
  { text: "/devices/pci0/usb1", picks: (devpath) => devpath === "/devices/pci0/usb1" },
  { text: "/devices/pci0/usb1/1-1", picks: (devpath) => devpath === "/devices/pci0/usb1/1-1" },
  { text: "/devices/virtual/block/loop[0-9]", picks: (devpath) => /^\/devices\/virtual\/block\/loop\d$/.test(devpath) },
  { text: "/devices/virtual/misc/a", picks: (devpath) => devpath === "/devices/virtual/misc/a" },
  { text: "subsystem=block", picks: (_, { subsystem }) => subsystem === "block" },
  { text: "subsystem=misc|tty", picks: (_, { subsystem }) => subsystem === "misc" || subsystem === "tty" },
  { text: "env:DRIVER=cdc", picks: (_, { driver }) => driver === "cdc" },
  { text: "env:DRIVER=usb-*", picks: (_, { driver }) => driver?.startsWith("usb-") === true },
  { text: "attr:removable=1", picks: (_, { removable }) => removable === "1" },
  { text: "env:MOOD=good", picks: (_, { mood }) => mood === "good" },
];

export interface ModelPolicy {
  readonly allow: ReadonlySet<number>;
  readonly deny: ReadonlySet<number>;
}

/** What exists, beside the fake: the plain truth that the relay's tellings are compared with. */
export class Model {
  readonly devices = new Map<string, ModelDevice>();
  readonly #kernel: FakeKernel;
  #diskseq = 0;

  constructor(kernel: FakeKernel) {
    this.#kernel = kernel;
  }

  plug(index: number, silent: boolean): void {
    const place = PLACES[index % PLACES.length]!;
    const parent = parentOf(place.devpath);
    if (this.devices.has(place.devpath) || (parent && !this.devices.has(parent))) return;
    const diskseq = `${++this.#diskseq}`;
    this.devices.set(place.devpath, {
      diskseq,
      subsystem: place.subsystem,
      driver: undefined,
      mood: "none",
      removable: bit(index),
    });
    this.#kernel.plug(place.devpath, {
      subsystem: place.subsystem,
      properties: { DEVTYPE: devtypeOf(place), DISKSEQ: diskseq },
      attributes: { removable: bit(index) },
      silent,
    });
  }

  unplug(index: number, silent: boolean): void {
    const devpath = this.#pick(index);
    if (devpath === undefined) return;
    for (const each of this.devices.keys()) if (isAtOrBelow(each, devpath)) this.devices.delete(each);
    this.#kernel.unplug(devpath, { silent });
  }

  /** Another device comes to the path of one that goes, with all below it. */
  again(index: number, silent: boolean): void {
    const devpath = this.#pick(index);
    if (devpath === undefined) return;
    this.unplug(index, silent);
    this.plug(
      PLACES.findIndex((place) => place.devpath === devpath),
      silent,
    );
  }

  /** A driver takes a device, or leaves it; false if there is none. */
  bind(index: number, silent: boolean): boolean {
    const devpath = this.#pick(index);
    if (devpath === undefined) return false;
    const device = this.devices.get(devpath)!;
    const driver = device.driver === undefined ? ["cdc", "usb-storage", "usb"][index % 3]! : undefined;
    this.devices.set(devpath, { ...device, driver });
    if (driver === undefined) this.#kernel.unbind(devpath, { silent });
    else this.#kernel.bind(devpath, driver, { silent });
    return true;
  }

  change(index: number, silent: boolean): void {
    const devpath = this.#pick(index);
    if (devpath === undefined) return;
    const mood = index % 2 === 0 ? "good" : "bad";
    const removable = bit(index >> 2);
    this.devices.set(devpath, { ...this.devices.get(devpath)!, mood, removable });
    this.#kernel.change(devpath, {
      silent,
      properties: { MOOD: mood },
      attributes: { removable },
      extras: { EXTRA: "1" },
    });
  }

  /** One takes the other's path, with all below it: `a` that of `b`, or what is below it that of what is below the other. False if it cannot. */
  move(index: number, silent: boolean): boolean {
    const below = index % 2 === 0 ? "" : "/below";
    const [a, b] = [`/devices/virtual/misc/a${below}`, `/devices/virtual/misc/b${below}`] as const;
    if (this.devices.has(a) === this.devices.has(b)) return false;
    const [from, to] = this.devices.has(a) ? [a, b] : [b, a];
    const parent = parentOf(to);
    if (parent !== undefined && !this.devices.has(parent)) return false;
    const moving = [...this.devices].filter(([devpath]) => isAtOrBelow(devpath, from));
    for (const [devpath, device] of moving) {
      this.devices.delete(devpath);
      this.devices.set(to + devpath.slice(from.length), device);
    }
    this.#kernel.move(from, to, { silent });
    return true;
  }

  synthetic(index: number): void {
    const devpath = this.#pick(index);
    if (devpath !== undefined) this.#kernel.synthetic(devpath, ["add", "change", "remove", "move"][index % 4]!);
  }

  visible({ allow, deny }: ModelPolicy): string[] {
    const covered = (rules: ReadonlySet<number>, devpath: string) =>
      [...this.devices].some(
        ([at, device]) => isAtOrBelow(devpath, at) && [...rules].some((i) => RULES[i]!.picks(at, device)),
      );
    return [...this.devices.keys()].filter((devpath) => covered(allow, devpath) && !covered(deny, devpath)).sort();
  }

  /** Which devices they are, and how. */
  named(devpaths: readonly string[]): string[] {
    return devpaths.map((devpath) => {
      const { diskseq, mood, driver = "none" } = this.devices.get(devpath)!;
      return `${devpath} ${diskseq} ${mood} ${driver}`;
    });
  }

  /** The names of their entries in udev's database: none of them has a number. */
  entriesOf(devpaths: readonly string[]): string[] {
    const idOf = (devpath: string) => `+${this.devices.get(devpath)?.subsystem}:${devpath.split("/").at(-1)}`;
    return [...new Set(devpaths.map(idOf))].sort();
  }

  #pick(index: number): string | undefined {
    return [...this.devices.keys()][index % Math.max(1, this.devices.size)];
  }
}

/** Of those on USB udev's properties ask for attributes. */
function devtypeOf({ devpath, subsystem }: { readonly devpath: string; readonly subsystem: string }): string {
  if (subsystem !== "usb") return "it";
  return devpath.includes(":") ? "usb_interface" : "usb_device";
}

function bit(n: number): string {
  return n % 2 === 1 ? "1" : "0";
}

export function isAtOrBelow(devpath: string, ancestor: string): boolean {
  return devpath === ancestor || devpath.startsWith(`${ancestor}/`);
}

function parentOf(devpath: string): string | undefined {
  return PLACES.map((place) => place.devpath).findLast((each) => each !== devpath && isAtOrBelow(devpath, each));
}
