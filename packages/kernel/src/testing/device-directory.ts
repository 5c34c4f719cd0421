import type { DeviceDirectory, DeviceEntry } from "../device-directory.js";
import { deviceNameParts } from "../device-name.js";
import { KernelError } from "../errors.js";
import type { Mortal, World } from "./world.js";

/** A container's `/dev` of the fake machine: what is in it, directories too, by name. */
export class FakeDev {
  /** The path that is bound into containers. */
  readonly path: string;
  readonly entries = new Map<string, DeviceEntry>();
  /** The relay that has it open. */
  holder: Mortal | undefined;

  constructor(path: string) {
    this.path = path;
  }

  isEmpty(directory: string): boolean {
    return ![...this.entries.keys()].some((name) => name.startsWith(`${directory}/`));
  }
}

/** The containers' `/dev` of the fake machine, by the directories in which they were opened. */
export class FakeDevs {
  readonly #devs = new Map<string, FakeDev>();
  readonly #world: World;
  readonly #isBound: (path: string) => boolean;

  /** @param isBound whether a container has it */
  constructor(world: World, isBound: (path: string) => boolean) {
    this.#world = world;
    this.#isBound = isBound;
  }

  /** By the directory in which it was opened, or by the path that is bound into containers. */
  get(path: string): FakeDev | undefined {
    return this.#devs.get(path) ?? [...this.#devs.values()].find((dev) => dev.path === path);
  }

  /** Takes away what a killed relay left at a path; returns what a container still has. */
  undo(path: string, has: string | undefined): string | undefined {
    const dev = this.#devs.get(path);
    if (!dev || (dev.holder && this.#world.opened.has(dev.holder))) return has;
    this.#devs.delete(path);
    return has === dev.path ? undefined : has;
  }

  open(path: string): DeviceDirectory {
    this.#world.faults.hit("openDeviceDirectory");
    const dev = this.#devs.get(path) ?? new FakeDev(`${path}/dev`);
    if (dev.holder && this.#world.opened.has(dev.holder)) throw unusable(path, "another relay holds it");
    this.#devs.set(path, dev);
    return new FakeDeviceDirectory(dev, this.#world, () => {
      if (!this.#isBound(dev.path)) this.#devs.delete(path);
    });
  }
}

class FakeDeviceDirectory implements DeviceDirectory, Mortal {
  readonly path: string;
  readonly isShared = false;
  readonly #dev: FakeDev;
  readonly #world: World;
  readonly #onClose: () => void;
  readonly #own = new Set<string>();

  constructor(dev: FakeDev, world: World, onClose: () => void) {
    this.path = dev.path;
    this.#dev = dev;
    this.#world = world;
    this.#onClose = onClose;
    dev.holder = this;
    world.opened.add(this);
  }

  put(name: string, entry: DeviceEntry): void {
    const above = this.#above(name);
    this.#world.faults.hit("put");
    if (!this.#isOpen) return;
    const { entries } = this.#dev;
    const isInTheWay = entries.get(name)?.kind === "directory" && entry.kind !== "directory";
    const blocked = above.some((directory) => (entries.get(directory)?.kind ?? "directory") !== "directory");
    if (isInTheWay || blocked) throw unusable(`${this.path}/${name}`, "something is in the way");
    for (const directory of above) entries.set(directory, { kind: "directory" });
    entries.set(name, entry);
    this.#own.add(name);
  }

  remove(name: string): void {
    const above = this.#above(name);
    if (!this.#isOpen) return;
    this.#own.delete(name);
    this.#take(name);
    for (const directory of above.toReversed()) if (!this.#own.has(directory)) this.#take(directory);
  }

  forgetOthers(): void {
    const others = [...this.#dev.entries.keys()].filter((name) => !this.#own.has(name));
    for (const name of others.sort().toReversed()) this.remove(name);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.kill();
    this.#onClose();
  }

  kill(): void {
    this.#world.opened.delete(this);
  }

  get #isOpen(): boolean {
    return this.#world.opened.has(this);
  }

  #take(name: string): void {
    if (this.#dev.isEmpty(name)) this.#dev.entries.delete(name);
  }

  /** The directories above an entry, the highest first. @throws KernelError PATH_UNUSABLE */
  #above(name: string): readonly string[] {
    const parts = deviceNameParts(name);
    if (!parts) throw unusable(`${this.path}/${name}`, "it is no name of a device");
    return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
  }
}

function unusable(path: string, why: string): KernelError {
  return new KernelError("PATH_UNUSABLE", `${path} cannot be used: ${why}`, "choose another");
}
