import type { Injector, Target, UeventGroup } from "./target.js";

/**
 * A network namespace that stands in for a container's where uevents are concerned: programs whose seccomp filter asks its holder get
 * their uevent sockets in it, and hear there what is said to it and nothing else. The holder is a process that goes on without us.
 */
export interface Shadow {
  /** Where runtimes hand over a filter's descriptor: `linux.seccomp.listenerPath` of OCI. */
  readonly path: string;
  /** The holder. */
  readonly pid: number;
  /** Uid 0 and gid 0 of the namespace's user namespace, as host ids. */
  readonly root: Target["root"];
  /** Resolves when the holder has ended: from then on no program gets a uevent socket. */
  readonly ended: Promise<void>;
  /**
   * Opens the way to those who listen to a uevent group in it. `reader`: host ids of the root of their user namespace, whom they
   * take the sender for. @throws KernelError NO_PRIVILEGE, KERNEL_TOO_OLD
   */
  openInjector(group: UeventGroup, reader: Target["root"]): Injector;
  /** The holder goes on as long as a program has its filter. */
  close(): void;
}
