import type { DeviceDirectory, NoNodes } from "./device-directory.js";
import type { Access, DeviceNumber, DeviceRights } from "./device-rights.js";
import type { DeviceTree } from "./devices.js";
import type { DirectoryOptions } from "./directory.js";
import type { Helper, HelperOptions } from "./helper.js";
import type { DeviceId, Holder, Holders } from "./holders.js";
import type { NodeInside, PlaceInside, Program, UdevInside } from "./inside.js";
import type { Peer } from "./sender.js";
import type { Source, SourceOptions } from "./source.js";
import type { SysDirectory } from "./sys-directory.js";
import type { UdevDirectory } from "./udev-directory.js";

/** Names a container's network namespace: by a process in it or by a path such as `/run/netns/NAME`. */
export type TargetRef =
  { readonly pid: number; readonly netns?: never } | { readonly netns: string; readonly pid?: never };

/**
 * Who is spoken to: `kernel`, those who listen to the kernel; `udev`, libudev's programs, which take a header before the properties;
 * `libudev-zero`, which takes them without.
 */
export type UeventGroup = "kernel" | "udev" | "libudev-zero";

/** What a relay may have left of a container. */
export interface Left {
  /** Directories of the host in which it had its `/dev` and its `/sys`. */
  readonly dev: string | undefined;
  readonly sys: string | undefined;
  /** What its programs may open. */
  readonly rights: boolean;
}

/** A container's namespaces, held open: a pid is held as a pidfd, so it is never another process. */
export interface Target {
  readonly pid?: number;
  /** Inode of its network namespace, the number in `net:[N]`. */
  readonly netns: bigint;
  /** True if it is the caller's own network namespace. */
  readonly sharesHostNetns: boolean;
  /** True if the initial user namespace owns the netns: its programs hear every event of the host already. */
  readonly ownedByInitialUserns: boolean;
  /** Uid 0 and gid 0 of the user namespace that owns the netns, as host ids; 0 and 0 for the initial one. */
  readonly root: { readonly uid: number; readonly gid: number };
  /** The uid as which its programs see whoever speaks there: 0, unless its user namespace has no root. They believe root alone. */
  readonly seenAs: number;
  /** The same as `root` for the process's own user namespace. Equals `root` for a netns path. */
  readonly user: { readonly uid: number; readonly gid: number };
  /**
   * The host's ids for those of the process's user namespace, by its maps; 0 is whoever stands for root there. Also when it is closed.
   * @throws KernelError ID_UNMAPPED
   */
  toHost(ids: { readonly uid: number; readonly gid: number }): { readonly uid: number; readonly gid: number };
  /** Resolves when the process has ended; never for a netns path. */
  readonly ended: Promise<void>;
  /**
   * Opens the way to those who listen to a uevent group in its netns.
   * @throws KernelError TARGET_SHARES_HOST: it is the caller's own netns, or they hear the kernel itself already; NO_PRIVILEGE,
   * KERNEL_TOO_OLD
   */
  openInjector(group: UeventGroup): Injector;
  /**
   * Resolves when programs can be run in it.
   * @throws KernelError TARGET_SHARES_HOST: it has no user namespace of its own, so that a program of its would have the host's rights;
   * TARGET_GONE: no pid, or it has ended; PATH_UNUSABLE: it has no such program; NO_PRIVILEGE, ADDON_MISSING, KERNEL_TOO_OLD
   */
  openHelper(options: HelperOptions): Promise<Helper>;
  /** Uevents as they are said in its netns. @throws KernelError NO_PRIVILEGE */
  openSource(options: SourceOptions): Source;
  /**
   * Has the container's programs find a directory of the host at `/run/udev`, read-only, from now on. Resolves to how that is taken
   * back; to undefined if it cannot be, as a container whose engine bound it there already is let be.
   * @throws KernelError PATH_UNUSABLE: its `/run` is none, or a udevd of its own is there; NO_PRIVILEGE, KERNEL_TOO_OLD
   */
  placeUdev(directory: UdevDirectory): Promise<(() => Promise<void>) | undefined>;
  /**
   * Has the container's programs find this at `/dev`, read-only, from now on; what is mounted below its `/dev` (`pts`, `shm`, …) is
   * found there too. Resolves to how that is taken back; to undefined if it cannot be, as a container whose engine bound it there
   * already is let be. @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, KERNEL_TOO_OLD
   */
  placeDevices(directory: DeviceDirectory): Promise<(() => Promise<void>) | undefined>;
  /**
   * The same with `/sys`, in which what is shown and hidden later is found and gone too. Of what is mounted below its own `/sys`, its
   * `/sys/fs/cgroup` is found there. @throws KernelError PATH_UNUSABLE, NO_PRIVILEGE, KERNEL_TOO_OLD
   */
  placeSys(directory: SysDirectory): Promise<(() => Promise<void>) | undefined>;
  /**
   * Opens the container's own `/dev`, in which its engine's entries stay, for single nodes and links; or says why it takes none. What a
   * relay before left in it stays until `forgetOthers`.
   * @param path a directory of the host, in which it is noted what was put there: made if need be @throws KernelError PATH_UNUSABLE
   */
  openDeviceDirectory(path: string, owner: DirectoryOptions): DeviceDirectory | NoNodes;
  /**
   * Says from now on what the programs of its cgroup may open.
   * @throws KernelError as `Kernel.openDeviceRights`; TARGET_SHARES_HOST: a program of the host is in its cgroup; TARGET_GONE: no pid, or
   * it has ended
   */
  openDeviceRights(): DeviceRights;
  /**
   * Who keeps the programs of its cgroup from opening this one device, as `DeviceRights.refusedBy`, whoever says what they may open:
   * nothing is changed, and nobody has to wait. @throws KernelError TARGET_GONE: no pid, or it has ended; NO_PRIVILEGE
   */
  refusedBy(number: DeviceNumber, access: Access): string | undefined;
  /**
   * Undoes what a relay that was killed has left of a container, as far as it is named, inside too. Nothing where none has left anything,
   * or another relay is at work. @throws KernelError it cannot be undone, and stays for the next
   */
  undo(left: Left, owner: DirectoryOptions): Promise<void>;
  /**
   * The programs of the container that have one of these devices in use. Its programs are those of its cgroup and of its pid namespace,
   * as far as these are its own, and its process. Resolves within some seconds; looks at all of them: not for the hot path.
   */
  holders(devices: readonly DeviceId[]): Promise<Holders>;
  /**
   * Ends (SIGKILL) the programs that have one of these devices open or mapped, each after another look at it. Resolves within some
   * seconds to those that have ended; a driver can keep one from ending. No program of the host is ever one of them.
   */
  endHolders(devices: readonly DeviceId[]): Promise<readonly Holder[]>;
  /**
   * Has the programs of its cgroup stand still. Resolves when they do.
   * @throws KernelError TARGET_SHARES_HOST: a program of the host is in its cgroup; TARGET_GONE: no pid, or it has ended; PATH_UNUSABLE:
   * they do not stand still within some seconds; KERNEL_TOO_OLD, NO_PRIVILEGE
   */
  freeze(): Promise<void>;
  /** Has them go on, if it was `freeze` that stopped them, by a relay before this one too: what others have frozen stays. */
  thaw(): void;
  /** What of udev is in it. Resolves within some seconds, whatever its file systems do. */
  udevInside(): Promise<UdevInside>;
  /** What its programs find at a path, absolute. Resolves within some seconds, whatever its file systems do. */
  placeInside(path: string): Promise<PlaceInside>;
  /** What they find at a path below `/dev`, absolute; latin1, a character a byte. Resolves as `placeInside`. */
  nodeInside(path: string): Promise<NodeInside>;
  /** The programs in its netns that have uevent sockets. Looks at all processes of the host: not for the hot path. */
  programs(): Promise<readonly Program[]>;
  /** Devices as its netns shows them: the only way to its network devices. @throws KernelError NO_PRIVILEGE */
  openDevices(): DeviceTree;
  close(): void;
}

/**
 * A uevent group of a network namespace. A datagram sent here is said to every reader of that group; `sent` says nothing about
 * those whose buffer was full. To the kernel's group it has the kernel's form without SEQNUM, which the kernel appends.
 */
export interface Injector extends Peer {
  /** Who reads this group now. Read often: it is the only flow control there is. */
  readers(): readonly Reader[];
}

/** A socket that listens to a uevent group. */
export interface Reader {
  readonly inode: number;
  /** Bytes that wait in its receive buffer, as the kernel charges them. */
  readonly rmem: number;
  /** Datagrams that it lost so far. */
  readonly drops: number;
}
