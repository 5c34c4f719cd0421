import type { DeviceDirectory, DeviceEntry, NoNodes } from "../device-directory.js";
import { deviceNameParts } from "../device-name.js";
import { KernelError } from "../errors.js";
import type { Mortal, World } from "./world.js";

const DIRECTORY: DeviceEntry = { kind: "directory" };

/** The `/dev` that a fake container's engine made: what is in it, directories too, by name. Its root may change it at any time. */
export class FakeOwnDev {
  readonly entries = new Map<string, DeviceEntry>();
  /** What relays have put there: what has been exchanged since is not theirs any more. */
  readonly made = new Map<string, DeviceEntry>();
  /** Why it takes no single nodes; undefined: it does. */
  refuses: NoNodes | undefined;
  holder: Mortal | undefined;

  constructor(refuses: NoNodes | undefined) {
    this.refuses = refuses;
  }
}

/** @param path of the container's `/dev`, as the host sees it @throws KernelError PATH_UNUSABLE */
export function openFakeSingleNodes(world: World, dev: FakeOwnDev, path: string): DeviceDirectory | NoNodes {
  world.faults.hit("openDeviceDirectory");
  if (dev.refuses !== undefined) return dev.refuses;
  if (dev.holder && world.opened.has(dev.holder)) throw unusable(path, "another relay holds it");
  return new FakeSingleNodes(world, dev, path);
}

class FakeSingleNodes implements DeviceDirectory, Mortal {
  readonly isShared = true;
  readonly path: string;
  readonly #world: World;
  readonly #dev: FakeOwnDev;
  readonly #own = new Set<string>();

  constructor(world: World, dev: FakeOwnDev, path: string) {
    this.path = path;
    this.#world = world;
    this.#dev = dev;
    dev.holder = this;
    world.opened.add(this);
  }

  put(name: string, entry: DeviceEntry): void {
    const above = this.#above(name);
    this.#world.faults.hit("put");
    if (!this.#isOpen) return;
    const kindOf = (each: string) => this.#dev.entries.get(each)?.kind ?? "directory";
    if (above.some((each) => kindOf(each) !== "directory"))
      throw unusable(`${this.path}/${name}`, "something is in the way");
    const found = this.#dev.entries.get(name);
    if (found && !this.#isOurs(name) && !isAsGood(found, entry))
      throw unusable(`${this.path}/${name}`, "something else is there that is not ours");
    if (found?.kind === "directory" && entry.kind !== "directory")
      throw unusable(`${this.path}/${name}`, "a directory is there");
    for (const each of above) if (!this.#dev.entries.has(each)) this.#make(each, DIRECTORY);
    if (!found || this.#isOurs(name)) this.#make(name, entry);
    this.#own.add(name);
  }

  remove(name: string): void {
    const above = this.#above(name);
    if (!this.#isOpen) return;
    this.#own.delete(name);
    this.#take(name);
    for (const each of above.toReversed()) if (!this.#own.has(each)) this.#take(each);
  }

  forgetOthers(): void {
    for (const name of this.#names()) if (this.#isOpen && !this.#own.has(name)) this.#take(name);
  }

  close(): void {
    if (!this.#isOpen) return;
    for (const name of this.#names()) this.#take(name);
    this.kill();
  }

  kill(): void {
    this.#world.opened.delete(this);
  }

  get #isOpen(): boolean {
    return this.#world.opened.has(this);
  }

  /** What is in a directory before it. */
  #names(): readonly string[] {
    return [...this.#dev.made.keys()].toSorted().toReversed();
  }

  #isOurs(name: string): boolean {
    const made = this.#dev.made.get(name);
    return made !== undefined && this.#dev.entries.get(name) === made;
  }

  #make(name: string, entry: DeviceEntry): void {
    const made = { ...entry }; // what the container's root puts there is not the same
    this.#dev.entries.set(name, made);
    this.#dev.made.set(name, made);
  }

  #take(name: string): void {
    const { entries, made } = this.#dev;
    if ([...entries.keys()].some((each) => each.startsWith(`${name}/`))) return;
    if (this.#isOurs(name)) entries.delete(name);
    made.delete(name);
  }

  /** The directories above an entry, the highest first. @throws KernelError PATH_UNUSABLE */
  #above(name: string): readonly string[] {
    const parts = deviceNameParts(name);
    if (!parts) throw unusable(`${this.path}/${name}`, "it is no name of a device");
    return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
  }
}

/** What others have there may do as well. */
function isAsGood(found: DeviceEntry, entry: DeviceEntry): boolean {
  if (found.kind === "directory") return entry.kind === "directory";
  if (found.kind !== "node" || entry.kind !== "node") return false;
  return found.type === entry.type && found.major === entry.major && found.minor === entry.minor;
}

function unusable(path: string, why: string): KernelError {
  return new KernelError("PATH_UNUSABLE", `${path} cannot be used: ${why}`, "choose another");
}
