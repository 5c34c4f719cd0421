import type { KnownDevice } from "../known-device.js";
import { plain } from "./words.js";

/** The value of an attribute of a device; undefined if it has none, or if it is not known yet. */
export type Ask = (device: KnownDevice, attribute: string) => string | undefined;

/** What udev would know of a device, while it is being derived. */
export class Derived {
  readonly device: KnownDevice;
  readonly ask: Ask;
  readonly properties = new Map<string, string>();
  /** Below `/dev/`. */
  readonly links = new Set<string>();
  readonly tags = new Set<string>();

  constructor(device: KnownDevice, ask: Ask) {
    this.device = device;
    this.ask = ask;
  }

  get(key: string): string | undefined {
    return this.properties.get(key);
  }

  has(key: string): boolean {
    return this.properties.has(key);
  }

  /** Nothing is set to undefined. */
  set(key: string, value: string | undefined): void {
    if (value !== undefined) this.properties.set(key, value);
  }

  /** What the device says of itself leads nowhere else, and is one link. */
  link(directory: string, name: string): void {
    const safe = plain(name);
    if (!/^\.{0,2}$/.test(safe)) this.links.add(`${directory}/${safe}`);
  }

  /** The name of its directory, which is its node's name in most subsystems. */
  get name(): string {
    return nameOf(this.device);
  }

  get subsystem(): string {
    return this.device.subsystem;
  }

  get devtype(): string | undefined {
    return this.device.properties.get("DEVTYPE");
  }

  get isVirtual(): boolean {
    return this.device.devpath.includes("/virtual/");
  }

  /** The device itself or the nearest above it that belongs to this subsystem. */
  nearest(subsystem: string, devtype?: string): KnownDevice | undefined {
    for (const each of upwards(this.device)) {
      if (each.subsystem === subsystem && (devtype === undefined || each.properties.get("DEVTYPE") === devtype))
        return each;
    }
    return undefined;
  }

  /** True if it or one above it belongs to one of these. */
  isBelow(...subsystems: readonly string[]): boolean {
    return subsystems.some((subsystem) => this.nearest(subsystem) !== undefined);
  }
}

export function nameOf({ devpath }: KnownDevice): string {
  return devpath.slice(devpath.lastIndexOf("/") + 1);
}

/** A device and those above it, itself first. */
export function* upwards(device: KnownDevice): Generator<KnownDevice> {
  for (let at: KnownDevice | undefined = device; at; at = at.parent) yield at;
}
