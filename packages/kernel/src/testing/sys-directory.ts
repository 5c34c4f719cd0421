import { KernelError } from "../errors.js";
import type { DirectoryOptions } from "../directory.js";
import type { SysDirectory } from "../sys-directory.js";
import type { Target } from "../target.js";
import { ancestors, isUnder } from "./tree.js";
import type { Mortal, World } from "./world.js";

/** What is known of a device that was shown. */
interface Shown {
  readonly incarnation: string;
  readonly writable: Set<string>;
}

/** A container's `/sys` of the fake machine. */
export class FakeSys {
  /** The path that is bound into containers. */
  readonly path: string;
  readonly shown = new Map<string, Shown>();
  /** Devices below shown ones that are not there, with their incarnations: what covers one goes with it. */
  readonly hidden = new Map<string, string>();
  /** The relay that has it open. */
  holder: Mortal | undefined;
  /** The netns whose network devices are there. */
  network: bigint | undefined;
  readonly #world: World;

  constructor(path: string, world: World) {
    this.path = path;
    this.#world = world;
  }

  /** The devices that a program finds there, parents first, each with its attributes that can be written. */
  get devices(): ReadonlyMap<string, readonly string[]> {
    const there = this.#world.tree.under("/devices").filter(({ device, devpath }) => device && this.#has(devpath));
    const paths = there.map(({ devpath }) => devpath).toSorted();
    return new Map(paths.map((devpath) => [devpath, this.#writable(devpath)]));
  }

  /** Those of the devices to which a link leads, such as `class/block/loop0`. */
  get linked(): readonly string[] {
    return [...this.shown.keys()].filter((devpath) => this.#has(devpath)).toSorted();
  }

  #has(devpath: string): boolean {
    const line = [...ancestors(devpath).toReversed(), devpath];
    const top = line.find((each) => this.shown.has(each));
    if (top === undefined || line.some((each) => each.length > top.length && this.#hides(each))) return false;
    return this.shown.get(top)?.incarnation === this.#world.tree.get(top)?.incarnation;
  }

  #hides(devpath: string): boolean {
    return this.hidden.has(devpath) && this.hidden.get(devpath) === this.#world.tree.get(devpath)?.incarnation;
  }

  #writable(devpath: string): readonly string[] {
    const attributes = this.#world.tree.get(devpath)?.attributes;
    return [...(this.shown.get(devpath)?.writable ?? [])].filter((name) => name === "uevent" || attributes?.has(name));
  }
}

/** The containers' `/sys` of the fake machine, by the directories in which they were opened. */
export class FakeSysfs {
  readonly #all = new Map<string, FakeSys>();
  readonly #world: World;
  readonly #isBound: (path: string) => boolean;

  /** @param isBound whether a container has it */
  constructor(world: World, isBound: (path: string) => boolean) {
    this.#world = world;
    this.#isBound = isBound;
  }

  /** By the directory in which it was opened, or by the path that is bound into containers. */
  get(path: string): FakeSys | undefined {
    return this.#all.get(path) ?? [...this.#all.values()].find((sys) => sys.path === path);
  }

  /** Takes away what a killed relay left at a path; returns what a container still has. */
  undo(path: string, has: string | undefined): string | undefined {
    const sys = this.#all.get(path);
    if (!sys || (sys.holder && this.#world.opened.has(sys.holder))) return has;
    this.#all.delete(path);
    return has === sys.path ? undefined : has;
  }

  open(path: string, _owner: DirectoryOptions): SysDirectory {
    this.#world.faults.hit("openSysDirectory");
    const sys = this.#all.get(path) ?? new FakeSys(`${path}/fs/sys`, this.#world);
    if (sys.holder && this.#world.opened.has(sys.holder)) throw unusable(path, "another relay holds it");
    this.#all.set(path, sys);
    return new FakeSysDirectory(sys, this.#world, () => {
      if (!this.#isBound(sys.path)) this.#all.delete(path);
    });
  }
}

class FakeSysDirectory implements SysDirectory, Mortal {
  readonly path: string;
  readonly #sys: FakeSys;
  readonly #world: World;
  readonly #onClose: () => void;
  readonly #own = new Set<string>();
  #ownsNetwork = false;

  constructor(sys: FakeSys, world: World, onClose: () => void) {
    this.path = sys.path;
    this.#sys = sys;
    this.#world = world;
    this.#onClose = onClose;
    sys.holder = this;
    world.opened.add(this);
  }

  show(devpath: string, without: readonly string[] = []): void {
    for (const each of [devpath, ...without]) this.#check(each);
    this.#world.faults.hit("show");
    const node = this.#world.tree.get(devpath);
    if (!this.#isOpen || !node?.device) return;
    const { shown, hidden } = this.#sys;
    const before = this.#own.has(devpath) ? shown.get(devpath)?.writable : undefined;
    shown.set(devpath, { incarnation: node.incarnation, writable: before ?? new Set() });
    hidden.delete(devpath);
    for (const below of without) if (isUnder(below, devpath)) this.#cover(below);
    this.#own.add(devpath);
  }

  hide(...devpaths: readonly string[]): void {
    for (const devpath of devpaths) this.#check(devpath);
    this.#world.faults.hit("hide");
    if (!this.#isOpen) return;
    const { shown, hidden } = this.#sys;
    for (const devpath of devpaths) {
      shown.delete(devpath);
      this.#own.delete(devpath);
      this.#cover(devpath);
    }
    for (const each of hidden.keys()) if (!ancestors(each).some((path) => shown.has(path))) hidden.delete(each);
  }

  writable(devpath: string, attribute: string): void {
    this.#check(devpath);
    if (attribute.split("/").some((part) => ["", ".", ".."].includes(part)))
      throw unusable(`${devpath}/${attribute}`, "it is no name of an attribute");
    if (this.#isOpen && this.#own.has(devpath)) this.#sys.shown.get(devpath)?.writable.add(attribute);
  }

  showNetwork({ netns }: Target): void {
    if (!this.#isOpen) return;
    this.#sys.network = netns;
    this.#ownsNetwork = true;
  }

  forgetOthers(): void {
    if (!this.#isOpen) return;
    for (const devpath of this.#sys.shown.keys()) if (!this.#own.has(devpath)) this.#sys.shown.delete(devpath);
    if (!this.#ownsNetwork) this.#sys.network = undefined;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.kill();
    this.#onClose();
  }

  kill(): void {
    this.#world.opened.delete(this);
  }

  #cover(devpath: string): void {
    const { incarnation } = this.#world.tree.get(devpath) ?? {};
    if (incarnation !== undefined) this.#sys.hidden.set(devpath, incarnation);
  }

  get #isOpen(): boolean {
    return this.#world.opened.has(this);
  }

  /** @throws KernelError PATH_UNUSABLE */
  #check(devpath: string): void {
    const [, top, ...parts] = devpath.split("/");
    if (
      !devpath.startsWith("/") ||
      top !== "devices" ||
      parts.length === 0 ||
      parts.some((part) => ["", ".", ".."].includes(part))
    )
      throw unusable(devpath, "it is no path of a device");
  }
}

function unusable(path: string, why: string): KernelError {
  return new KernelError("PATH_UNUSABLE", `${path} cannot be used: ${why}`, "choose another");
}
