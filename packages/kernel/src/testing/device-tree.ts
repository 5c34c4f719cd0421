import type { DeviceTree, RawDevice, UdevRecord } from "../devices.js";
import { toBytes } from "./bytes.js";
import type { FakeNetns } from "./netns.js";
import { toRawDevice, ueventPairs } from "./tree.js";
import type { FakeNode } from "./tree.js";
import type { World } from "./world.js";

/** `/sys` as one netns shows it. */
export class FakeDeviceTree implements DeviceTree {
  readonly #world: World;
  readonly #netns: FakeNetns;

  constructor(world: World, netns: FakeNetns) {
    this.#world = world;
    this.#netns = netns;
  }

  enumerate(): Promise<readonly RawDevice[]> {
    return this.#world.turns.later(() => this.#walk());
  }

  read(devpath: string): RawDevice | undefined {
    const node = this.#device(devpath);
    return node && toRawDevice(node);
  }

  incarnation(devpath: string): string | undefined {
    return this.#device(devpath)?.incarnation;
  }

  isSubsystem(name: string): boolean {
    return this.#world.subsystems.has(name);
  }

  attribute(devpath: string, name: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    const hung = this.#world.hung(devpath, name);
    if (hung) return hung.wait(timeoutMs, () => this.#attribute(devpath, name));
    return this.#world.turns.later(() => this.#attribute(devpath, name));
  }

  udev(device: RawDevice): UdevRecord | undefined {
    return this.#device(device.devpath)?.udev;
  }

  close(): void {}

  /** Not one moment of the tree: something may happen halfway, as it may to a reader of `/sys`. */
  #walk(): RawDevice[] {
    const paths = this.#paths();
    const half = Math.ceil(paths.length / 2);
    const first = this.#readAll(paths.slice(0, half));
    this.#world.faults.hit("enumerate");
    const seen = new Set(paths.slice(0, half));
    const second = this.#readAll(this.#paths().filter((path) => !seen.has(path)));
    return [...first, ...second];
  }

  #readAll(paths: readonly string[]): RawDevice[] {
    return paths.map((path) => this.read(path)).filter((device) => device !== undefined);
  }

  /** Parents first: a path sorts after its own beginning. */
  #paths(): string[] {
    const nodes = [...this.#world.tree.under("/devices"), ...this.#netns.tree.under("/devices")];
    return nodes.map((node) => node.devpath).sort();
  }

  #attribute(devpath: string, name: string): Uint8Array | undefined {
    const node = this.#device(devpath);
    if (node && name === "uevent") return toBytes(ueventPairs(node).join("\n"));
    return node?.attributes.get(name)?.slice();
  }

  #device(devpath: string): FakeNode | undefined {
    const node = this.#netns.tree.get(devpath) ?? this.#world.tree.get(devpath);
    return node?.device ? node : undefined;
  }
}
