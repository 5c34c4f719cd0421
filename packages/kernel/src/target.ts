import type { DeviceTree } from "./devices.js";
import type { Peer } from "./sender.js";
import type { Source, SourceOptions } from "./source.js";

/** Names a container's network namespace: by a process in it or by a path such as `/run/netns/NAME`. */
export type TargetRef =
  { readonly pid: number; readonly netns?: never } | { readonly netns: string; readonly pid?: never };

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
  /** The same for the process's own user namespace. Equals `root` for a netns path. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** Resolves when the process has ended; never for a netns path. */
  readonly ended: Promise<void>;
  /**
   * Opens the way into its uevent group.
   * @throws KernelError TARGET_SHARES_HOST, NO_PRIVILEGE, KERNEL_TOO_OLD
   */
  openInjector(): Injector;
  /** Uevents as they are said in its netns. @throws KernelError NO_PRIVILEGE */
  openSource(options: SourceOptions): Source;
  /** Devices as its netns shows them: the only way to its network devices. @throws KernelError NO_PRIVILEGE */
  openDevices(): DeviceTree;
  close(): void;
}

/**
 * The uevent group of a network namespace. A datagram sent here (header and pairs in the kernel's form, without SEQNUM)
 * is said to every reader of that group; the kernel appends a SEQNUM. `sent` says nothing about readers whose buffer was full.
 */
export interface Injector extends Peer {
  /** Who reads this group now. Read often: it is the only flow control there is. */
  readers(): readonly Reader[];
}

/** A socket that listens to the kernel's uevent group. */
export interface Reader {
  readonly inode: number;
  /** Bytes that wait in its receive buffer, as the kernel charges them. */
  readonly rmem: number;
  /** Datagrams that it lost so far. */
  readonly drops: number;
}
