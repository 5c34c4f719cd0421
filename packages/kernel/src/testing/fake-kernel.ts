import type { DeviceDirectory, DeviceEntry } from "../device-directory.js";
import type { DeviceRights } from "../device-rights.js";
import type { DeviceTree } from "../devices.js";
import type { DirectoryOptions, SocketDirectory } from "../directory.js";
import type { KernelError } from "../errors.js";
import type { Kernel } from "../kernel.js";
import type { Ledger } from "../ledger.js";
import type { Sender } from "../sender.js";
import type { Shadow } from "../shadow.js";
import type { Source, SourceOptions } from "../source.js";
import type { SysDirectory } from "../sys-directory.js";
import type { Target, TargetRef } from "../target.js";
import type { UdevDirectory, UdevEntry } from "../udev-directory.js";
import type { FakeCgroup } from "./cgroup.js";
import { FakeContainer } from "./container.js";
import type { ContainerOptions } from "./container.js";
import { FakeDevs } from "./device-directory.js";
import { FakeDeviceTree } from "./device-tree.js";
import type { FakeKernelOptions, Forged } from "./fake-options.js";
import { gone } from "./gone.js";
import type { Operation } from "./faults.js";
import type { FakeFolder } from "./folder.js";
import { Folders } from "./folders.js";
import { FakeMachine } from "./machine.js";
import { NetlinkSocket } from "./netlink.js";
import type { FakeNetns } from "./netns.js";
import { FakeSender } from "./sender.js";
import { FakeShadows } from "./shadow.js";
import { FakeSource } from "./source.js";
import { FakeSysfs } from "./sys-directory.js";
import type { FakeSys } from "./sys-directory.js";
import { FakeTarget } from "./target.js";
import { FakeUdevDirectories } from "./udev-directory.js";
import { World } from "./world.js";

const FIRST_PID = 1000;
const BUFFER = 16 * 2 ** 20; // bytes

/**
 * A Linux in memory that does the same each time: devices come and go when a test says so, and what they cause happens
 * on turns of the event loop, or all at once by `run()` and `idle()`.
 *
 * @example
 * const fake = new FakeKernel();
 * const box = fake.container({ pid: 42 });
 * fake.plug("/devices/virtual/block/loop0", { subsystem: "block", properties: { DEVNAME: "loop0" } });
 * const listener = fake.directory("/run/box").bind("a.sock");
 * await fake.idle();
 * listener.read();
 */
export class FakeKernel extends FakeMachine implements Kernel {
  readonly devices: DeviceTree;
  readonly #world: World;
  readonly #folders: Folders;
  readonly #pids = new Map<number, FakeContainer>();
  readonly #paths = new Map<string, FakeContainer>();
  readonly #options: FakeKernelOptions;
  readonly #udevDirectories: FakeUdevDirectories;
  readonly #devs: FakeDevs;
  readonly #sysfs: FakeSysfs;
  readonly #shadows: FakeShadows;
  #nextPid = FIRST_PID;

  constructor(options: FakeKernelOptions = {}) {
    const world = new World();
    super(world);
    this.#world = world;
    this.#folders = new Folders(world);
    this.#shadows = new FakeShadows(world);
    this.#udevDirectories = new FakeUdevDirectories(world);
    this.#devs = new FakeDevs(world, (path) => this.#isAlive(({ dev }) => dev === path));
    this.#sysfs = new FakeSysfs(world, (path) => this.#isAlive(({ sys }) => sys === path));
    this.#options = options;
    this.devices = new FakeDeviceTree(world, world.host);
    for (const pid of new Set([1, process.pid])) {
      this.container({ pid, userns: "initial", netns: "host", cgroup: "host" });
    }
  }

  openSource(options: SourceOptions): Source {
    return this.#openSource(this.#world.host, options);
  }

  openTarget(ref: TargetRef): Target {
    const container = this.#find(ref);
    this.#world.faults.hit("openTarget");
    const by = ref.pid === undefined ? "netns" : "pid";
    if (by === "pid" && !container.alive) throw gone(ref);
    const openSource = (options: SourceOptions): Source => this.#openSource(container.netns, options);
    const devAt = (path: string) => this.deviceDirectory(path);
    const undoDev = this.#devs.undo.bind(this.#devs);
    const undoSys = this.#sysfs.undo.bind(this.#sysfs);
    return new FakeTarget(container, by, { world: this.#world, openSource, undoDev, undoSys, devAt });
  }

  openDirectory(path: string, options: DirectoryOptions): SocketDirectory {
    return this.#folders.open(path, options);
  }

  openSender(): Sender {
    return new FakeSender(this.#world);
  }

  openLedger(path: string): Ledger {
    return this.#world.ledgers.open(path);
  }

  openUdevDirectory(path: string): UdevDirectory {
    return this.#udevDirectories.open(path);
  }

  /** What a container's programs of libudev find there, by id; undefined if it is not there. */
  udevDirectory(path: string): ReadonlyMap<string, UdevEntry> | undefined {
    return this.#udevDirectories.get(path);
  }

  openDeviceDirectory(path: string, _owner: DirectoryOptions): DeviceDirectory {
    return this.#devs.open(path);
  }

  /**
   * What is in a container's `/dev`, by name, directories too: `fake.deviceDirectory("/run/box.dev")?.get("input/event3")`. Found by the
   * directory in which it was opened or, as `container.dev` has it, by its own path. Undefined if it is not there.
   */
  deviceDirectory(path: string): ReadonlyMap<string, DeviceEntry> | undefined {
    return this.#devs.get(path)?.entries;
  }

  openSysDirectory(path: string, owner: DirectoryOptions): SysDirectory {
    return this.#sysfs.open(path, owner);
  }

  /** What is in a container's `/sys`, found as its `/dev` is. Undefined if it is not there. */
  sysDirectory(path: string): FakeSys | undefined {
    return this.#sysfs.get(path);
  }

  openDeviceRights(cgroup: string): DeviceRights {
    return this.#world.cgroups.open(cgroup);
  }

  /** A cgroup, as a runtime makes it: say there what may be opened, and ask. It is made if it is not there. */
  cgroup(path: string): FakeCgroup {
    return this.#world.cgroups.get(path);
  }

  async openShadow(path: string): Promise<Shadow> {
    this.#world.faults.hit("openShadow");
    return this.#shadows.open(path, () => this.#nextPid++);
  }

  /** The holder of the shadow at this path, with those who listen in it; undefined if there is none. */
  shadow(path: string): FakeContainer | undefined {
    return this.#shadows.get(path);
  }

  udevRuns(): boolean {
    return this.#options.udev ?? false;
  }

  /** A container starts. A pid that ended may be used again. */
  container(options: ContainerOptions = {}): FakeContainer {
    const pid = options.pid ?? this.#nextPid++;
    if (this.#pids.get(pid)?.alive) throw new Error(`FakeKernel: pid ${pid} is running`);
    const container = new FakeContainer(this.#world, pid, options);
    this.#pids.set(pid, container);
    if (container.path !== undefined) this.#paths.set(container.path, container);
    return container;
  }

  /** A directory as containers see it: bind listeners there. It is made if it is not there. */
  directory(path: string): FakeFolder {
    return this.#folders.get(path);
  }

  /** True if there is a directory at this path. */
  hasDirectory(path: string): boolean {
    return this.#folders.has(path);
  }

  /** A file that is no directory. */
  file(path: string): void {
    this.#folders.file(path);
  }

  /** Says any bytes, as the kernel or as somebody who pretends. */
  emit(bytes: Uint8Array, sender: Forged = {}): void {
    const { to = "kernel", portId = 0, pid = 0, uid = 0, groups = to === "kernel" ? 1 : 2 } = sender;
    const netns = sender.netns?.netns ?? this.#world.host;
    netns.say(to, { bytes: bytes.slice(), portId, groups, pid, uid });
  }

  /** Every open source, or every one on that netns, loses a datagram; until its queue was emptied it loses all that follow, as on Linux. */
  overrun({ netns }: { readonly netns?: FakeContainer } = {}): void {
    const there = netns?.netns.listeners("kernel");
    for (const source of this.#world.sources) if (!there || there.has(source)) source.lose();
  }

  /** Something happens in the middle of the next call of `operation`; what it throws, the call throws. */
  during(operation: Operation, happening: () => void): void {
    this.#world.faults.plan(operation, happening);
  }

  /** The next call of `operation` fails. */
  fail(operation: Operation, error: KernelError): void {
    this.during(operation, () => {
      throw error;
    });
  }

  /** True while something open holds the process. */
  get holdsProcess(): boolean {
    return this.#world.hold.active;
  }

  /** The SEQNUM of the last event of the machine. */
  get seqnum(): number {
    return this.#world.seqnum;
  }

  /** Runs all that is due, now, and all that follows from it without a promise. */
  run(): void {
    this.#world.turns.run();
  }

  /** Resolves when nothing is due any more, promises included. Timers of the program under test are its own. */
  idle(): Promise<void> {
    return this.#world.turns.idle();
  }

  #openSource(netns: FakeNetns, options: SourceOptions): Source {
    this.#world.faults.hit("openSource");
    const kept = this.#world.takeKept(netns, options);
    const socket = kept?.socket ?? new NetlinkSocket(this.#world.nextInode(), this.#options.receiveBuffer ?? BUFFER);
    return new FakeSource(netns, socket, options, this.#world, kept);
  }

  #isAlive(has: (container: FakeContainer) => boolean): boolean {
    return [...this.#pids.values()].some((container) => container.alive && has(container));
  }

  #find(ref: TargetRef): FakeContainer {
    const container = ref.pid === undefined ? this.#paths.get(ref.netns) : this.#pids.get(ref.pid);
    if (!container) throw gone(ref);
    return container;
  }
}
