import type { KnownDevice } from "./known-device.js";

/** A directory below `/sys/devices`; it may or may not be a device. */
export class Node {
  readonly down = new Map<string, Node>();
  device: KnownDevice | undefined;
  readonly name: string;
  up: Node | undefined;

  constructor(name: string, up: Node | undefined) {
    this.name = name;
    this.up = up;
  }

  /** The nearest device above this directory. */
  get ancestor(): KnownDevice | undefined {
    let node = this.up;
    while (node && !node.device) node = node.up;
    return node?.device;
  }

  /** The devices at and below this directory, parents first. */
  *devices(): Generator<KnownDevice> {
    if (this.device) yield this.device;
    for (const child of this.down.values()) yield* child.devices();
  }
}

/** Device paths as segments, so that `usb10` is not under `usb1`. */
export class Tree {
  readonly #root = new Node("", undefined);
  readonly #byPath = new Map<string, KnownDevice>();
  #above: Map<string, number> | undefined;

  /** @param above directories that have devices below them, with how many in all trees that share it */
  constructor(above?: Map<string, number>) {
    this.#above = above;
  }

  get size(): number {
    return this.#byPath.size;
  }

  get(devpath: string): KnownDevice | undefined {
    return this.#byPath.get(devpath);
  }

  /** All devices, parents first. */
  devices(): Iterable<KnownDevice> {
    return this.#root.devices();
  }

  /** The devices at and below a path, parents first. */
  below(path: string): Iterable<KnownDevice> {
    let node: Node | undefined = this.#root;
    for (const name of segments(path)) node = node?.down.get(name);
    return node?.devices() ?? [];
  }

  /** The device at this path or the nearest above it. */
  nearest(path: string): KnownDevice | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const device = this.#byPath.get(path.slice(0, end));
      if (device) return device;
    }
    return undefined;
  }

  add(device: KnownDevice): void {
    const node = this.#reach(device.devpath);
    node.device = device;
    device.node = node;
    if (!this.#byPath.has(device.devpath)) this.#count(device, 1);
    this.#byPath.set(device.devpath, device);
  }

  /** Takes out this one device; what is below it stays. */
  delete(device: KnownDevice): void {
    if (this.#byPath.delete(device.devpath)) this.#count(device, -1);
    device.node.device = undefined;
    prune(device.node);
  }

  /** Renames a device and all below it, as one `move` of the kernel does. */
  move(device: KnownDevice, to: string): void {
    const from = device.devpath;
    const moved = [...device.node.devices()];
    for (const each of moved) this.delete(each);
    for (const each of moved) {
      each.devpath = to + each.devpath.slice(from.length);
      this.add(each);
    }
  }

  /** It is counted among those that share what is above their devices no more. */
  leave(): void {
    for (const device of this.devices()) this.#count(device, -1);
    this.#above = undefined;
  }

  #count({ devpath }: KnownDevice, more: 1 | -1): void {
    if (!this.#above) return;
    for (const path of between("", devpath)) {
      const count = (this.#above.get(path) ?? 0) + more;
      if (count > 0) this.#above.set(path, count);
      else this.#above.delete(path);
    }
  }

  #reach(devpath: string): Node {
    let node = this.#root;
    for (const name of segments(devpath)) {
      let next = node.down.get(name);
      if (!next) node.down.set(name, (next = new Node(name, node)));
      node = next;
    }
    return node;
  }
}

function segments(path: string): string[] {
  return path.split("/").slice(1);
}

function prune(node: Node): void {
  while (node.up && !node.device && node.down.size === 0) {
    node.up.down.delete(node.name);
    node = node.up;
  }
}

/** The paths between these two, the lowest first. */
export function between(above: string, devpath: string): readonly string[] {
  const paths: string[] = [];
  for (let end = devpath.lastIndexOf("/"); end > above.length; end = devpath.lastIndexOf("/", end - 1))
    paths.push(devpath.slice(0, end));
  return paths;
}
