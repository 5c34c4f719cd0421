import { closeSync, fstatSync } from "node:fs";

import type {
  DeviceDirectory,
  DeviceId,
  DeviceRights,
  DeviceTree,
  DirectoryOptions,
  HelperOptions,
  Injector,
  Left,
  NoNodes,
  Source,
  SourceOptions,
  SysDirectory,
  Target,
  TargetRef,
  UdevDirectory,
  UdevInside,
  UeventGroup,
} from "@uevent-bridge/kernel";

import type { Entered, Watch } from "./addon.js";
import { SysfsDevices } from "./devices.js";
import { openSingleNodes } from "./dev/open-single-nodes.js";
import { ERRNO, systemError } from "./errno.js";
import { GROUPS } from "./groups.js";
import { openHelper } from "./helper.js";
import { proveInjection } from "./injection-proof.js";
import { SocketInjector } from "./injector.js";
import { InUse } from "./holders/in-use.js";
import { inodeOf } from "./namespaces.js";
import { placeDevices, placeSys, placeUdev } from "./place.js";
import type { Place } from "./place.js";
import { nodeInside } from "./node-inside.js";
import { placeInside } from "./place-inside.js";
import { programsIn } from "./programs.js";
import { openProcessRights } from "./rights/open-rights.js";
import { refuserOfProcess } from "./rights/refuser-of-process.js";
import { SocketSource } from "./source.js";
import { DetachedSysfs } from "./sysfs-root.js";
import { undoLeft } from "./undo-left.js";
import { mayNot, noPid, sharesHost, tooOld } from "./errors.js";
import { closeTargetParts, openTargetParts } from "./target-open.js";
import type { TargetTools } from "./target-tools.js";
import type { OpenedTarget } from "./target-open.js";
import { toHost } from "./to-host.js";
import { udevInside } from "./udev-inside.js";
import { orUndo } from "./undo.js";
import { onceReadable } from "./watch.js";

const BY_THREAD = -1;

/** @throws KernelError TARGET_GONE, TARGET_NO_NETNS, NO_PRIVILEGE, KERNEL_TOO_OLD */
export function openTarget(tools: TargetTools, ref: TargetRef): NamespaceTarget {
  const parts = openTargetParts(tools.addon, ref);
  return orUndo(
    () => new NamespaceTarget(tools, parts),
    () => closeTargetParts(parts),
  );
}

/** A target, and a way to speak into it as somebody else than its root. */
export class NamespaceTarget implements Target {
  readonly pid?: number;
  readonly netns: bigint;
  readonly sharesHostNetns: boolean;
  readonly ownedByInitialUserns: boolean;
  readonly root: Target["root"];
  readonly seenAs: number;
  readonly user: Target["user"];
  readonly ended: Promise<void>;
  readonly refusedBy: Target["refusedBy"];
  readonly #tools: TargetTools;
  readonly #parts: OpenedTarget;
  readonly #inUse: InUse;
  readonly #ownSockets = new Set<number>(); // inodes of the sources that were opened here: no readers of the container's
  #watch: Watch | undefined;
  #closed = false;

  constructor(tools: TargetTools, parts: OpenedTarget) {
    this.#tools = tools;
    this.#parts = parts;
    const { pid } = parts.ref;
    if (pid !== undefined) this.pid = pid;
    this.#inUse = new InUse(tools.addon, pid === undefined ? undefined : { pid, hasEnded: () => this.#hasEnded });
    this.netns = inodeOf(parts.netns);
    this.sharesHostNetns = this.netns === inodeOf("/proc/self/ns/net");
    this.ownedByInitialUserns = parts.owner.initial;
    const { uid, gid, seenAs } = parts.root;
    this.root = { uid, gid };
    this.seenAs = seenAs;
    this.user = { uid: parts.user.uid, gid: parts.user.gid };
    this.refusedBy = refuserOfProcess(tools.addon, pid, () => this.#hasEnded);
    let end = (): void => {};
    this.ended = new Promise((resolve) => (end = resolve));
    if (parts.pidfd >= 0) this.#watch = onceReadable(tools.addon, parts.pidfd, end);
  }

  toHost(ids: Target["user"]): Target["user"] {
    return toHost(ids, this.#parts.user, this.pid);
  }

  openInjector(group: UeventGroup): Injector {
    return this.openInjectorAs(group, this.root);
  }

  /** `reader`: whom those who listen take the sender for, as host ids. @throws KernelError TARGET_SHARES_HOST, NO_PRIVILEGE, KERNEL_TOO_OLD */
  openInjectorAs(group: UeventGroup, reader: Target["root"]): Injector {
    if (group === "kernel" && this.ownedByInitialUserns) throw sharesHost(this.#parts.ref, "initial");
    if (this.sharesHostNetns) throw sharesHost(this.#parts.ref, "other"); // a relay in a container: it would hear itself
    const { addon } = this.#tools;
    const number = GROUPS[group];
    const fds = this.#enter("speak into", "5.3", (userns) => addon.enterInjector(this.#parts.netns, userns, number));
    const injector = new SocketInjector(addon, fds, number, reader, this.#ownSockets);
    orUndo(
      () => {
        proveInjection(addon, injector, this.#parts.ref);
        injector.readers(); // from now on it can say who reads, whatever the system refuses
      },
      () => injector.close(),
    );
    return injector;
  }

  async openHelper(options: HelperOptions): ReturnType<Target["openHelper"]> {
    if (this.pid === undefined) throw noPid();
    return openHelper({ ...this.#tools, pid: this.pid, pidfd: this.#parts.pidfd }, options);
  }

  openSource(options: SourceOptions): Source {
    if (this.sharesHostNetns) return this.#tools.openOwnSource(options);
    const { addon, enteredReceiveBuffer } = this.#tools;
    const [fd] = this.#enter("listen in", "5.3", (userns) =>
      addon.enterListener(this.#parts.netns, userns, GROUPS[options.group], enteredReceiveBuffer),
    );
    orUndo(
      () => this.#ownSockets.add(fstatSync(fd).ino),
      () => closeSync(fd),
    );
    return new SocketSource(addon, fd, options.onBatch);
  }

  async placeUdev(directory: UdevDirectory): ReturnType<Target["placeUdev"]> {
    return this.#place && placeUdev(this.#place, directory);
  }

  async placeDevices(directory: DeviceDirectory): ReturnType<Target["placeDevices"]> {
    return this.#place && placeDevices(this.#place, directory);
  }

  async placeSys(directory: SysDirectory): ReturnType<Target["placeSys"]> {
    return this.#place && placeSys(this.#place, directory);
  }

  openDeviceDirectory(path: string, owner: DirectoryOptions): DeviceDirectory | NoNodes {
    return this.#place ? openSingleNodes(this.#tools, this.#place, path, owner) : "unknown";
  }

  openDeviceRights(): DeviceRights {
    if (this.pid === undefined) throw noPid();
    return openProcessRights(this.#tools, this.pid, () => this.#hasEnded);
  }

  async undo(left: Left, owner: DirectoryOptions): Promise<void> {
    if (this.#place) await undoLeft(this.#tools, this.#place, left, owner);
  }

  holders(devices: readonly DeviceId[]): ReturnType<Target["holders"]> {
    return this.#inUse.holders(devices);
  }

  endHolders(devices: readonly DeviceId[]): ReturnType<Target["endHolders"]> {
    return this.#inUse.end(devices);
  }

  freeze(): Promise<void> {
    return this.#inUse.freeze();
  }

  thaw(): void {
    this.#inUse.thaw();
  }

  async udevInside(): Promise<UdevInside> {
    const { pid } = this;
    const inside = pid === undefined ? undefined : await udevInside(this.#tools.addon, pid);
    return inside && !this.#hasEnded ? inside : { udevd: "unknown", control: false };
  }

  async placeInside(path: string): ReturnType<Target["placeInside"]> {
    const { pid } = this;
    const place = pid === undefined ? "unknown" : await placeInside(this.#tools.addon, pid, path);
    return this.#hasEnded ? "unknown" : place;
  }

  async nodeInside(path: string): ReturnType<Target["nodeInside"]> {
    const { pid } = this;
    const node = pid === undefined ? "unknown" : await nodeInside(this.#tools.addon, pid, path);
    return this.#hasEnded ? "unknown" : node;
  }

  programs(): ReturnType<Target["programs"]> {
    return programsIn(this.#tools.addon, this.netns);
  }

  openDevices(): DeviceTree {
    if (this.sharesHostNetns) return this.#tools.openOwnDevices();
    const { addon, attributes } = this.#tools;
    return new SysfsDevices(addon, new DetachedSysfs(this.openSysfs()), attributes, "other");
  }

  /** A sysfs that shows the network devices of its netns, mounted nowhere. @throws KernelError NO_PRIVILEGE, KERNEL_TOO_OLD */
  openSysfs(): number {
    const enter = (userns: number) => this.#tools.addon.enterSysfs(this.#parts.netns, userns);
    return this.#enter("see the devices of", "5.2", enter)[0];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch?.close();
    closeTargetParts(this.#parts);
  }

  get #place(): Place | undefined {
    const { pid, user } = this;
    return pid === undefined ? undefined : { addon: this.#tools.addon, pid, pidfd: this.#parts.pidfd, user };
  }

  /** Then what was seen was perhaps another's, which has its number now. */
  get #hasEnded(): boolean {
    return this.#closed || this.#tools.addon.processHasEnded(this.#parts.pidfd) !== 0;
  }

  /** By a thread, as root; else by a child that enters the user namespace first, as the user whom that belongs to. */
  #enter(what: string, since: string, enter: (userns: number) => Entered): readonly [number, number] {
    const { owner, ref } = this.#parts;
    let entered = enter(BY_THREAD);
    if (entered === -ERRNO.EPERM && owner.fd >= 0) entered = enter(owner.fd);
    if (typeof entered !== "number") return entered;
    const cause = systemError("setns", entered);
    throw entered === -ERRNO.ENOSYS ? tooOld(`${what} a namespace`, since, cause) : mayNot(ref, what, cause);
  }
}
