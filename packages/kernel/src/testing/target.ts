import type { DeviceDirectory, DeviceEntry, NoNodes } from "../device-directory.js";
import type { Access, DeviceNumber, DeviceRights } from "../device-rights.js";
import type { DeviceTree } from "../devices.js";
import { KernelError } from "../errors.js";
import type { KernelErrorCode } from "../errors.js";
import type { DirectoryOptions } from "../directory.js";
import type { Helper, HelperOptions } from "../helper.js";
import type { DeviceId, Holder, Holders } from "../holders.js";
import type { NodeInside, PlaceInside, Program, UdevInside } from "../inside.js";
import type { Source, SourceOptions } from "../source.js";
import type { SysDirectory } from "../sys-directory.js";
import type { Injector, Left, Target, UeventGroup } from "../target.js";
import type { UdevDirectory } from "../udev-directory.js";
import { ROOT_CGROUP } from "./cgroups.js";
import type { FakeContainer } from "./container.js";
import { writeNumber } from "./device-lines.js";
import { FakeDeviceTree } from "./device-tree.js";
import { FakeHelper } from "./helper.js";
import { nodeAt } from "./node-inside.js";
import { FakeInjector } from "./injector.js";
import { openFakeSingleNodes } from "./single-nodes.js";
import type { Mortal, World } from "./world.js";

const NO_ROOT = 1000; // the one uid that is mapped
const NEVER = new Promise<never>(() => {});

/** What the machine lends to a target. */
export interface TargetParts {
  readonly world: World;
  readonly openSource: (options: SourceOptions) => Source;
  /** Takes away what is at a path of the host; returns what a container has then, of what it had. */
  readonly undoDev: (path: string, has: string | undefined) => string | undefined;
  readonly undoSys: (path: string, has: string | undefined) => string | undefined;
  /** What is in a `/dev` of ours, by the path that is bound into containers. */
  readonly devAt: (path: string) => ReadonlyMap<string, DeviceEntry> | undefined;
}

/** A container's namespaces, by its pid or by the path of its netns. */
export class FakeTarget implements Target, Mortal {
  readonly pid?: number;
  readonly netns: bigint;
  readonly sharesHostNetns: boolean;
  readonly ownedByInitialUserns: boolean;
  readonly root: Target["root"];
  readonly seenAs: number;
  readonly user: Target["user"];
  readonly ended: Promise<void>;
  readonly #container: FakeContainer;
  readonly #parts: TargetParts;

  constructor(container: FakeContainer, by: "pid" | "netns", parts: TargetParts) {
    const { netns, user, pid } = container;
    this.#container = container;
    this.#parts = parts;
    this.netns = netns.inode;
    this.sharesHostNetns = netns === parts.world.host;
    this.ownedByInitialUserns = netns.owner.initial;
    this.root = { uid: netns.owner.uid, gid: netns.owner.gid };
    this.seenAs = container.hasRoot ? 0 : NO_ROOT;
    this.user = by === "pid" ? { uid: user.uid, gid: user.gid } : this.root;
    this.ended = by === "pid" ? container.ended : NEVER;
    if (by === "pid") this.pid = pid;
    parts.world.opened.add(this);
  }

  toHost({ uid, gid }: Target["user"]): Target["user"] {
    const { initial } = this.#container.user;
    const room = this.#container.ids;
    if (!initial && (uid >= room || gid >= room)) throw unmapped(`${uid}:${gid}`, room);
    return { uid: this.user.uid + uid, gid: this.user.gid + gid };
  }

  openInjector(group: UeventGroup): Injector {
    this.#parts.world.faults.hit("openInjector");
    if (this.sharesHostNetns || (group === "kernel" && this.ownedByInitialUserns)) throw sharesHost();
    return new FakeInjector(this.#parts.world, this.#container.netns, group, this.root.uid);
  }

  async openHelper(options: HelperOptions): Promise<Helper> {
    this.#parts.world.faults.hit("openHelper");
    if (this.pid === undefined || !this.#container.alive)
      throw noProgram("TARGET_GONE", "no process of the container is known");
    if (this.#container.user.initial) throw noProgram("TARGET_SHARES_HOST", "it has no user namespace of its own");
    if (this.#container.lacks.has(options.program)) throw noProgram("PATH_UNUSABLE", `it has no ${options.program}`);
    const helper = new FakeHelper(this.#parts.world, options);
    this.#container.helpers.push(helper);
    void this.#container.ended.then(() => helper.end());
    return helper;
  }

  openSource(options: SourceOptions): Source {
    return this.#parts.openSource(options);
  }

  async placeUdev({ path }: UdevDirectory): Promise<(() => Promise<void>) | undefined> {
    this.#parts.world.faults.hit("placeUdev");
    if (this.pid === undefined || this.#container.udev === path) return undefined;
    if (this.#container.hasControl) throw hasUdev();
    this.#container.udev = path;
    return () => this.#takeAway("udev");
  }

  async placeDevices({ path }: DeviceDirectory): Promise<(() => Promise<void>) | undefined> {
    this.#parts.world.faults.hit("placeDevices");
    if (this.pid === undefined || this.#container.dev === path) return undefined;
    this.#container.dev = path;
    return () => this.#takeAway("dev");
  }

  async placeSys({ path }: SysDirectory): Promise<(() => Promise<void>) | undefined> {
    this.#parts.world.faults.hit("placeSys");
    if (this.pid === undefined || this.#container.sys === path) return undefined;
    this.#container.sys = path;
    return () => this.#takeAway("sys");
  }

  #takeAway(what: "udev" | "dev" | "sys"): Promise<void> {
    return this.#parts.world.turns.later(() => {
      this.#parts.world.faults.hit("takeAway");
      this.#container[what] = undefined;
    });
  }

  openDeviceDirectory(_path: string, _owner: DirectoryOptions): DeviceDirectory | NoNodes {
    const { pid, dev, ownDev } = this.#container;
    if (this.pid === undefined) return "unknown";
    if (dev !== undefined || this.#parts.world.host === this.#container.netns) return "host";
    return openFakeSingleNodes(this.#parts.world, ownDev, `/proc/${pid}/root/dev`);
  }

  openDeviceRights(): DeviceRights {
    if (this.pid === undefined || !this.#container.alive) throw noProcess();
    return this.#parts.world.cgroups.open(this.#container.cgroup.path);
  }

  async undo({ dev, sys, rights }: Left): Promise<void> {
    this.#parts.world.faults.hit("undo");
    const { cgroup } = this.#container;
    if (rights && !(cgroup.holder && this.#parts.world.opened.has(cgroup.holder))) cgroup.restore();
    if (dev !== undefined) this.#container.dev = this.#parts.undoDev(dev, this.#container.dev);
    if (sys !== undefined) this.#container.sys = this.#parts.undoSys(sys, this.#container.sys);
  }

  refusedBy(number: DeviceNumber, access: Access): string | undefined {
    if (this.pid === undefined || !this.#container.alive) throw noProcess();
    return this.#container.cgroup.refuserOf(`${writeNumber(number)} ${access}`);
  }

  async holders(devices: readonly DeviceId[]): Promise<Holders> {
    this.#parts.world.faults.hit("holders");
    if (this.pid === undefined) return { holders: [], more: true };
    return { holders: this.#container.usesOf(devices).map(({ holder }) => holder), more: false };
  }

  async endHolders(devices: readonly DeviceId[]): Promise<readonly Holder[]> {
    this.#parts.world.faults.hit("endHolders");
    if (this.pid === undefined) return [];
    const uses = this.#container.usesOf(devices).filter(({ holder, isStuck }) => holder.how !== "mounted" && !isStuck);
    for (const { holder } of uses) this.#container.endProgram(holder.pid);
    return uses.map(({ holder }) => holder);
  }

  async freeze(): Promise<void> {
    this.#parts.world.faults.hit("freeze");
    if (this.pid === undefined || !this.#container.alive) throw noProcess();
    if (this.#container.cgroup.path === ROOT_CGROUP) throw sharesCgroup();
    this.#container.cgroup.freezeByRelay();
  }

  thaw(): void {
    if (this.pid !== undefined) this.#container.cgroup.thawByRelay();
  }

  async udevInside(): Promise<UdevInside> {
    this.#parts.world.faults.hit("udevInside");
    const { udevd, udev, hasControl } = this.#container;
    if (this.pid === undefined) return { udevd: "unknown", control: false };
    return { udevd, control: hasControl || udev !== undefined };
  }

  async placeInside(path: string): Promise<PlaceInside> {
    return this.pid === undefined ? "unknown" : this.#container.places.look(path);
  }

  async nodeInside(path: string): Promise<NodeInside> {
    const { alive, places, dev } = this.#container;
    if (this.pid === undefined || !alive || !places.answers) return "unknown";
    return nodeAt(path, dev === undefined ? undefined : this.#parts.devAt(dev));
  }

  async programs(): Promise<readonly Program[]> {
    return [...this.#container.netns.readers].map((reader) => reader.describe());
  }

  openDevices(): DeviceTree {
    this.#parts.world.faults.hit("openDevices");
    return new FakeDeviceTree(this.#parts.world, this.#container.netns);
  }

  close(): void {
    this.kill();
  }

  kill(): void {
    this.#parts.world.opened.delete(this);
  }
}

function noProcess(): KernelError {
  return new KernelError("TARGET_GONE", "no process of the container is known", "give the pid of one");
}

function sharesCgroup(): KernelError {
  const remedy = "start the container in a cgroup of its own";
  return new KernelError("TARGET_SHARES_HOST", "a process of the host is in its cgroup", remedy);
}

function unmapped(owner: string, ids: number): KernelError {
  const remedy = "give an owner=UID:GID that is mapped there";
  return new KernelError("ID_UNMAPPED", `the owner ${owner} has no ids on the host: 0 to ${ids - 1} have`, remedy);
}

function noProgram(code: KernelErrorCode, why: string): KernelError {
  return new KernelError(code, `no program can be run in the container: ${why}`, "run `uevent-agent hotplug` in it");
}

function hasUdev(): KernelError {
  return new KernelError("PATH_UNUSABLE", "there is a udevd's already", "use --netlink kernel, which its udevd hears");
}

function sharesHost(): KernelError {
  return new KernelError(
    "TARGET_SHARES_HOST",
    "the initial user namespace owns its network namespace, so its programs hear the host's events already",
    "give the container a user namespace of its own or a shadow (--shadow auto), or deliver by socket, with the shim",
  );
}
