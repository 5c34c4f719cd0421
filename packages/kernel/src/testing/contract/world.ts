import type { TestOwnDev } from "./own-dev.js";
import type { DeviceDirectory, DeviceEntry } from "../../device-directory.js";
import type { Access, DeviceNumber } from "../../device-rights.js";
import type { DeviceId } from "../../holders.js";
import type { Kernel } from "../../kernel.js";
import type { SysDirectory } from "../../sys-directory.js";
import type { UeventGroup } from "../../target.js";

/** A value, or a promise of it: a world may do its part in another process. */
export type Awaitable<T> = T | Promise<T>;

/** Says why a world has not an ability; the cases that need it are skipped with this reason. */
export interface Missing {
  readonly missing: string;
}

/** Something that not every world can do: `{ missing: "needs root" }` where it cannot. */
export type Ability<T extends object> = T | Missing;

export interface WorldOptions {
  /** Bytes of receive buffer that sources ask for. A world that cannot say so ignores it, and the cases on overruns are skipped. */
  readonly receiveBuffer?: number;
}

/**
 * A kernel under test, and the means to cause things on it. Each case gets a world of its own. The machine may be busy
 * with other things meanwhile: no case counts events but those that it caused itself.
 */
export interface World {
  readonly kernel: Kernel;
  readonly events: Ability<Events>;
  readonly plug: Ability<Plug>;
  readonly devices: Ability<KnownDevices>;
  readonly directory: Ability<TestDirectory>;
  readonly containers: Ability<Containers>;
  readonly holds: Ability<Holds>;
  readonly dev: Ability<TestDev>;
  readonly sys: Ability<TestSys>;
  readonly cgroup: Ability<TestCgroup>;
  /** Resolves when all that was caused so far has had the time to arrive: exactly in a fake, after some 100 ms on Linux. */
  settle(): Promise<void>;
  /** Ends and removes all that the world made: listeners, containers, files, devices. Sources, targets and directories that a case opened are closed by then. */
  close(): Awaitable<void>;
}

/** Events that the kernel says in the caller's netns, numbered so that a case knows its own. */
export interface Events {
  /**
   * Causes `count` events numbered `first`, `first + 1`, … in this order. When it is done they are in the sockets' queues.
   * On Linux: write `change UUID N=number` to the `uevent` file of an unused loop device, or make net devices named by number.
   */
  say(first: number, count: number): Awaitable<void>;
  /** The number of an event of `say`; undefined for every other. `datagram`: latin1. */
  numberOf(datagram: string): number | undefined;
  /** Says a datagram to the kernel group without being the kernel, by multicast from a port of its own, with this as its bytes. */
  readonly forge: Ability<{ say(bytes: Uint8Array): Awaitable<void> }>;
}

/** A device that comes and goes, always at the same path: a loop device of a high number, a dummy net device. */
export interface Plug {
  readonly devpath: string;
  plug(): Awaitable<void>;
  unplug(): Awaitable<void>;
}

/** Devices that are there all the time. */
export interface KnownDevices {
  /** A device that has another device among its ancestors, unless the machine has none. */
  readonly devpath: string;
  readonly subsystem: string;
  /** An attribute of it that does not change: its value without the newline at the end, not empty. */
  readonly attribute: { readonly name: string; readonly value: string };
  /** An attribute of a device that gives no answer as long as the world lives. */
  readonly stuck: Ability<{ readonly devpath: string; readonly name: string }>;
  /** A device that udevd has a record of. */
  readonly udev: Ability<{ readonly devpath: string; readonly links: readonly string[] }>;
}

/** A directory into which programs bind sockets. */
export interface TestDirectory {
  /** Absolute. Nothing is there when the world begins; what is above it exists. */
  readonly path: string;
  /** The owner to ask for. */
  readonly uid: number;
  readonly gid: number;
  /** Makes the directory at `path`, as somebody else's. */
  make(): Awaitable<void>;
  /** True if there is a directory at `path` now. */
  exists(): Awaitable<boolean>;
  /** A program binds a datagram socket in the directory, which exists. It reads only when told to. */
  bind(name: string): Awaitable<TestListener>;
  /** Puts something else there. `stream`: a socket that is bound, but not for datagrams. `symlink` leads to `target`, a name in the directory. */
  odd(name: string, kind: "file" | "directory" | "stream"): Awaitable<void>;
  symlink(name: string, target: string): Awaitable<void>;
}

/** A program that bound a socket. */
export interface TestListener {
  readonly inode: bigint;
  /** The next datagram; undefined when none waits. */
  read(): Awaitable<Uint8Array | undefined>;
  /** The program ends; its socket file stays. */
  close(): Awaitable<void>;
  unlink(): Awaitable<void>;
  rename(name: string): Awaitable<void>;
}

export interface Containers {
  /**
   * Starts a process with a network namespace of its own. `own`: with a user namespace of its own that owns it;
   * `initial`: owned by the initial user namespace.
   */
  start(userns: "own" | "initial"): Promise<TestContainer>;
}

export interface TestContainer {
  readonly pid: number;
  /** A path of its network namespace, `/proc/PID/ns/net` for one. */
  readonly path: string;
  /** The number in `net:[N]`. */
  readonly netns: bigint;
  /** Uid 0 and gid 0 of its user namespace as the caller sees them. */
  readonly root: { readonly uid: number; readonly gid: number };
  /** A program in it listens to the kernel's uevents. It reads only when told to. `receiveBuffer`: bytes; absent: the system's default. */
  reader(options?: { readonly receiveBuffer?: number; readonly group?: UeventGroup }): Awaitable<TestReader>;
  /** Makes a network device in it and gives its device path. */
  readonly net: Ability<{ plug(): Awaitable<string> }>;
  /** A program that it has: it notes what it is run for, as `ACTION@DEVPATH SUBSYSTEM`. */
  readonly helper: Ability<{ readonly program: string; ran(): Awaitable<readonly string[]> }>;
  /** Has its programs find a directory of the container's root at a path, as long as it runs. Absent: at the directory's own path. */
  mount(options?: { readonly at?: string; readonly readOnly?: boolean }): Awaitable<TestFolder>;
  /** Programs of it that have a device in use. */
  readonly uses: Ability<TestUses>;
  /** Puts it into a cgroup of its own, in which nobody has said what may be opened. */
  readonly cgroup: Ability<{ make(): Awaitable<TestCgroup> }>;
  /** Gives it a `/dev` of its own, in a tmpfs of the host's user namespace; its engine's entries are as little checked as its root's. */
  readonly ownDev: Ability<{ make(): Awaitable<TestOwnDev> }>;
  /** Kills the process. The namespaces go with it, unless somebody holds them. */
  end(): Awaitable<void>;
}

export interface TestUses {
  /** A program of the container opens a device that no other has open. */
  open(): Awaitable<TestUse>;
  /** One has it in its memory, and no descriptor of it. */
  map(): Awaitable<TestUse>;
}

export interface TestUse {
  readonly pid: number;
  readonly device: DeviceId;
  /** True when its program has ended. */
  hasEnded(): Awaitable<boolean>;
}

/** A directory that a container finds. It has a path of its own, at which the caller finds it. */
export interface TestFolder extends Pick<TestDirectory, "path" | "bind" | "odd" | "symlink"> {
  /** Removes it; it is empty. */
  remove(): Awaitable<void>;
}

/** A program that listens to uevents in a container. */
export interface TestReader {
  /** Of its socket, as in the last column of `/proc/net/netlink`. */
  readonly inode: number;
  /** The next datagram; undefined when none waits. ENOBUFS is passed over. */
  read(): Awaitable<Uint8Array | undefined>;
  close(): Awaitable<void>;
}

/** What is done to a source, one step after the other. */
export type Step = "open" | "resume" | "pause" | "ref" | "unref" | "close";

/** Whether open handles hold the process. */
export interface Holds {
  /** Does the steps to a source, in a process of its own that does nothing else, and tells if that one stays alive. */
  afterSource(steps: readonly Step[]): Awaitable<boolean>;
  /** The same for a directory. `resume` and `pause` are no steps of it. */
  afterDirectory(steps: readonly Exclude<Step, "resume" | "pause">[]): Awaitable<boolean>;
}

/** Where a container's `/dev` is opened. */
export interface TestDev {
  /** Absolute. Nothing is there when the world begins; what is above it exists. */
  readonly path: string;
  /** The owner to ask for. */
  readonly uid: number;
  readonly gid: number;
  /** What a program finds in one that was opened, by name, directories too. */
  entries(directory: DeviceDirectory): Awaitable<ReadonlyMap<string, DeviceEntry>>;
  /** True if something of it is there now. */
  exists(): Awaitable<boolean>;
  /** Has a container find it as long as the world lives. */
  bind(directory: DeviceDirectory): Awaitable<void>;
  /** A relay opens it, puts these there and is killed. */
  leave(entries: Readonly<Record<string, DeviceEntry>>): Awaitable<void>;
}

/** Where a container's `/sys` is opened, and disks of which something is to be seen there. */
export interface TestSys {
  /** Absolute. Nothing is there when the world begins; what is above it exists. */
  readonly path: string;
  /** The owner to ask for. */
  readonly uid: number;
  readonly gid: number;
  /** They are there all the time. The second and the third are below the first. */
  readonly devices: readonly [whole: string, first: string, second: string, other: string];
  /** One of the first that its owner may write on the host. */
  readonly attribute: string;
  /** Those of the devices that a program finds in one that was opened. */
  finds(directory: SysDirectory): Awaitable<readonly string[]>;
  /** Those of them to which a link of their class leads. */
  links(directory: SysDirectory): Awaitable<readonly string[]>;
  /** Whether a program of the host's root may write the attribute of one of them there. */
  mayWrite(directory: SysDirectory, devpath: string): Awaitable<boolean>;
  /** True if something of it is there now. */
  exists(): Awaitable<boolean>;
  /** Has a container find it as long as the world lives. */
  bind(directory: SysDirectory): Awaitable<void>;
  /** A relay opens it, shows these and is killed. */
  leave(devices: readonly string[]): Awaitable<void>;
}

/** A cgroup of its own, in which nobody has said what may be opened. Lines are those of `devices.allow`: `c 1:5 rw`. */
export interface TestCgroup {
  readonly path: string;
  /** The path of one in which the caller is. */
  readonly shared: string;
  /** A runtime says what its programs may open, anew if it has said it. */
  allow(...lines: readonly string[]): Awaitable<void>;
  /** Somebody lets the cgroup above it open this and nothing else. Not while somebody is told what its programs may open. */
  restrict(...lines: readonly string[]): Awaitable<void>;
  /** Whether a program in it may open a device or, with `m`, make its node. Asked to open are 1:3, 1:5, 1:7, 1:8 and 1:9 only. */
  mayOpen(line: string): Awaitable<boolean>;
  /** A relay grants this and is killed. */
  leave(...granted: readonly (readonly [DeviceNumber, Access])[]): Awaitable<void>;
  /** True if its programs stand still. */
  isFrozen(): Awaitable<boolean>;
  /** Its runtime has its programs stand still, or go on. */
  freeze(isFrozen: boolean): Awaitable<void>;
  /** Its runtime removes it. */
  remove(): Awaitable<void>;
}
