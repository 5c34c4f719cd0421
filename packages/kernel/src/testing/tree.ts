import type { RawDevice, UdevRecord } from "../devices.js";
import { toBytes } from "./bytes.js";
import type { FakeNetns } from "./netns.js";

/** A kobject that says events; a device if `device` is true. */
export interface FakeNode {
  devpath: string;
  readonly subsystem: string;
  /** False for those without a `subsystem` link: queues, modules. */
  readonly device: boolean;
  readonly incarnation: string;
  /** Set for network devices and what is below them: they are seen and heard in this netns only. */
  readonly netns: FakeNetns | undefined;
  /** The lines of its `uevent` file, without DRIVER. */
  readonly properties: Map<string, string>;
  readonly attributes: Map<string, Uint8Array>;
  driver: string | undefined;
  udev: UdevRecord | undefined;
}

/** Nodes by their path, in the order in which they came. */
export class Tree {
  readonly #nodes = new Map<string, FakeNode>();

  get(devpath: string): FakeNode | undefined {
    return this.#nodes.get(devpath);
  }

  add(node: FakeNode): void {
    this.#nodes.set(node.devpath, node);
  }

  delete(node: FakeNode): void {
    this.#nodes.delete(node.devpath);
  }

  /** The node at `devpath`, if there is one, and all below it, in the order in which they came. */
  under(devpath: string): FakeNode[] {
    return [...this.#nodes.values()].filter((node) => isUnder(node.devpath, devpath));
  }

  /** True if an ancestor of `devpath` is here. */
  holdsAncestorOf(devpath: string): boolean {
    return ancestors(devpath).some((path) => this.#nodes.has(path));
  }

  /** Gives the node at `from` and all below it new paths. */
  rename(from: string, to: string): void {
    for (const node of this.under(from)) {
      this.delete(node);
      node.devpath = to + node.devpath.slice(from.length);
      this.add(node);
    }
  }
}

/** Paths are segments: `usb10` is not under `usb1`. */
export function isUnder(devpath: string, top: string): boolean {
  return devpath === top || devpath.startsWith(`${top}/`);
}

/** `/devices/a/b` gives `/devices/a`, then `/devices`. */
export function ancestors(devpath: string): string[] {
  const segments = devpath.split("/").slice(1, -1);
  return segments.map((_, i) => `/${segments.slice(0, segments.length - i).join("/")}`);
}

const BEFORE_DRIVER = new Set(["MAJOR", "MINOR", "DEVNAME", "DEVMODE", "DEVUID", "DEVGID", "DEVTYPE"]);

/** The lines of the `uevent` file, in the kernel's order: numbers and type, then DRIVER, then what bus and class add. */
export function ueventPairs(node: FakeNode): string[] {
  const pairs = [...node.properties].map(([key, value]) => `${key}=${value}`);
  if (node.driver === undefined) return pairs;
  const at = [...node.properties.keys()].findIndex((key) => !BEFORE_DRIVER.has(key));
  return pairs.toSpliced(at === -1 ? pairs.length : at, 0, `DRIVER=${node.driver}`);
}

/** What a reader of `/sys` finds. */
export function toRawDevice(node: FakeNode): RawDevice {
  const uevent = toBytes(
    ueventPairs(node)
      .map((pair) => `${pair}\n`)
      .join(""),
  );
  return { devpath: node.devpath, subsystem: node.subsystem, uevent, incarnation: node.incarnation };
}
