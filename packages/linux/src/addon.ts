import { fileURLToPath } from "node:url";

import { KernelError } from "@uevent-bridge/kernel";
import nodeGypBuild from "node-gyp-build";

/** Calls back on the event loop while a descriptor is ready. It does not own the descriptor, which must outlive it. */
export interface Watch {
  /** Begins to watch for `events`: READABLE, WRITABLE. Returns 0 or -errno. */
  start(events: number): number;
  stop(): number;
  ref(): void;
  unref(): void;
  close(): void;
}

export const READABLE = 1;
export const WRITABLE = 2;

/** What came of opening something in a namespace: up to two descriptors, -1 where there is none, or -errno. */
export type Entered = readonly [number, number] | number;

/** The functions in C. Numbers are descriptors or counts; negative ones are -errno. Paths are latin1: one character, one byte. */
export interface Addon {
  readonly Watch: new (fd: number, callback: () => void) => Watch;

  openUeventSocket(groups: number, receiveBuffer: number): number;
  receiveBuffer(fd: number): number;
  receive(fd: number, slab: Uint8Array, received: Uint8Array, headers: Uint8Array): number;
  receiveHeadersSize(): number;
  /** What the last `receive` of whoever had this slab and these headers found. */
  receiveLeft(slab: Uint8Array, received: Uint8Array, headers: Uint8Array): number;
  /** Returns how many were not sent; each entry of the table has its own result. */
  send(arena: Uint8Array, table: Uint8Array, count: number): number;

  /** Says `text` to a service manager, with descriptors (4 bytes each). -EAGAIN: it does not read. */
  sayToService(path: string, text: Uint8Array, fds: Uint8Array): number;
  /** 0 if a descriptor is a socket that hears what the kernel says in our network namespace, as `openUeventSocket` makes it. */
  checkSource(fd: number): number;
  /** Memory that can be kept like a file, with a size that stays. */
  openMemory(size: number): number;
  mapMemory(fd: number, size: number): ArrayBuffer | number;

  /** Maps a file in which is written down what is sent. Returns its number. */
  mapLedger(file: number, size: number): number;
  unmapLedger(ledger: number): number;
  beginLedger(ledger: number, generation: number): number;
  writeLedger(ledger: number, record: Uint8Array): number;
  ledgerRoom(ledger: number): number;

  openInotify(): number;
  /** Reports one change and is over then. */
  watchOnce(inotify: number, directory: number): number;
  forgetWatch(inotify: number, watch: number): number;
  connectSocketFile(file: number): number;
  connectStream(file: number): number;
  /** The pid of who listened there. */
  socketPeer(fd: number): number;
  /** Whether the other end of a connected stream is closed: 0 or 1. */
  socketHasEnded(fd: number): number;
  lockFile(file: number): number;

  readDevice(root: number, path: string): Uint8Array | number;
  deviceInode(root: number, path: string): string | number;
  walkDevices(root: number): Promise<Uint8Array | number>;
  startAttribute(root: number, path: string): number;

  openProcess(pid: number): number;
  processHasEnded(pidfd: number): number;
  /** Whether a process is one of ours that does something where nobody else should be held up, also in a container's namespaces: 0 or 1. */
  worksApart(pid: number): number;
  namespaceType(fd: number): number;

  /** 0n where the kernel gives none. */
  mountNamespaceId(fd: number): bigint;
  /** Whether there is one, be it without a process: 0 or 1; negative where the kernel does not say it. */
  mountNamespaceExists(id: bigint): number;
  namespaceOwner(fd: number): number;
  /** Of a user namespace: who made it, or -errno. */
  namespaceOwnerUid(fd: number): number;
  /** Both ends of a connection that keeps datagrams apart, and whose end is heard of. */
  openChannel(): readonly [number, number] | number;
  holdUserns(userns: number): readonly [pid: number, leash: number] | number;
  releaseUserns(pid: number, leash: number): void;
  /** `userns` -1: by a thread; else by a child that enters that user namespace first. */
  enterListener(netns: number, userns: number, groups: number, receiveBuffer: number): Entered;
  enterInjector(netns: number, userns: number, group: number): Entered;
  enterSysfs(netns: number, userns: number): Entered;
  /** A file with our /proc/self/cgroup, with the paths that it has in a cgroup namespace. */
  enterCgroups(cgroupns: number): number;

  /**
   * Mounts the directory `source` on `/run/udev` (`what` 0), `/dev` (1) or `/sys` (2) as seen from a root of a mount namespace (`task` 0), takes
   * it away (1; 3: with the directory that was made for it), or looks whether it is there (2: 1 if it is, 2 if a directory has to be made for
   * it). At its `mountpoints`, each ends in NUL, is found what is mounted there. A pipe brings 0, 1 (nothing to do), 2 or -errno.
   */
  startPlacing(
    what: number,
    mntns: number,
    root: number,
    source: number,
    uid: number,
    gid: number,
    mountpoints: Uint8Array,
    task: number,
  ): number;

  /**
   * Looks which processes have which devices (`type, major, minor` of each) open or mapped. A pipe brings a `struct held` for each, within
   * `ms` milliseconds if nothing hangs.
   */
  startSearching(pids: Int32Array, devices: Uint32Array, ms: number): number;
  signalProcess(pidfd: number, signal: number): number;
  /** Of a pid namespace, or a user namespace. */
  namespaceParent(fd: number): number;
  /** A mark on an open file or directory, which is there as long as that. */
  putMark(file: number, name: string): number;
  hasMark(file: number, name: string): number;
  removeMark(file: number, name: string): number;

  /** Looks at paths (each ends in NUL) as they lead in another root. A pipe brings, for each, 0 or -errno and the mode. */
  startGlancing(root: number, paths: Uint8Array): number;
  /** Looks at a path as it leads in another root, and into it if it is a directory. A pipe brings a `struct survey` with its entries. */
  startSurveying(root: number, path: string): number;
  /** Of a socket of another process: the bytes of its receive buffer, and the length of its filter. */
  peekSocket(pidfd: number, fd: number): readonly [receiveBuffer: number, filter: number] | number;

  /** Mounts an empty file system in memory on an entry of a directory. */
  mountNodes(directory: number, name: string, readOnly: number): number;
  /** Opens what is mounted there so that it can be written, whatever who finds it there can do. */
  openNodes(directory: number, name: string): number;
  unmountNodes(directory: number, name: string): number;
  /** `mode` has the type in it. */
  makeNode(directory: number, name: string, mode: number, major: number, minor: number): number;

  /** A socket to a process that works in directories which others hold up. */
  startHand(): number;
  /** Has it do something: `struct hand_order`, `struct hand_answer`. -ETIMEDOUT: it has not answered within so many milliseconds. */
  askHand(hand: number, directory: number, other: number, order: Uint8Array, answer: Uint8Array, ms: number): number;
  awaitHand(hand: number, answer: Uint8Array, ms: number): number;

  /** Opens what is at a path below a directory, as a place: without the copy of a mount, which the kernel is slow to give up. */
  openTree(directory: number, path: string): number;
  /**
   * Copies the mount at a path below a directory; the copy is mounted nowhere yet. `access` 0: read-only, 1: writable, 2: as it is, with
   * all that is mounted in it.
   */
  cloneTree(directory: number, path: string, access: number): number;
  placeTree(tree: number, directory: number, path: string): number;
  /** Has what is mounted in a mount from now on appear in its copies (1), or not (0). */
  shareTree(directory: number, path: string, shared: number): number;
  unmountTree(directory: number, path: string): number;

  createBpfMap(name: string, keySize: number, valueSize: number, entries: number): number;
  putBpf(map: number, key: Uint8Array, value: Uint8Array): number;
  removeBpf(map: number, key: Uint8Array): number;
  getBpf(map: number, key: Uint8Array, value: Uint8Array): number;
  /** Writes the key behind `key` (the first one for null) into `next`. */
  nextBpfKey(map: number, key: Uint8Array | null, next: Uint8Array): number;
  loadDeviceProgram(name: string, instructions: Uint8Array): number;
  /** The ids of the programs that are attached to a cgroup itself, behind the flags with which they are. */
  queryDevicePrograms(cgroup: number): readonly [flags: number, ...ids: number[]] | number;
  /** Beside the others, or in the place of one of them; `replaced` -1: of none. */
  attachDeviceProgram(cgroup: number, program: number, replaced: number): number;
  detachDeviceProgram(cgroup: number, program: number): number;
  openBpfProgram(id: number): number;
  openBpfMap(id: number): number;
  readBpfProgram(
    fd: number,
  ): readonly [id: number, name: string, instructions: Uint8Array, maps: number, firstMap: number] | number;

  bindDatagram(path: string): number;
  receiveOne(fd: number): Uint8Array | number;
  forgeUevent(bytes: Uint8Array): number;
  leaseFile(fd: number): number;
  mapFile(fd: number): number;
  loopControl(command: number, number: number): number;
  createVeth(name: string, peer: string): number;
  renameLink(name: string, newName: string): number;
  deleteLink(name: string): number;
}

/** Loads the C part: a build of this checkout, or the one that came with the package. @throws KernelError ADDON_MISSING */
export function loadAddon(packageRoot: string = fileURLToPath(new URL("..", import.meta.url))): Addon {
  try {
    return nodeGypBuild(packageRoot) as Addon;
  } catch (cause) {
    throw new KernelError(
      "ADDON_MISSING",
      `the native part of @uevent-bridge/linux does not load on ${process.platform}-${process.arch}, Node ${process.version}`,
      `install it again, or build it: npx node-gyp rebuild in ${packageRoot}`,
      { cause },
    );
  }
}
