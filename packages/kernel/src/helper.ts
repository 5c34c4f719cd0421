import type { Peer } from "./sender.js";

/** A program of a container's own, as the kernel's hotplug helper would be. */
export interface HelperOptions {
  /** As the container sees it; one without a slash is looked for in `/sbin`, `/bin`, `/usr/sbin` and `/usr/bin`. */
  readonly program: string;
  /** A program failed or was ended, or something of its event was kept from it. Sentences come bounded in length, not in number. */
  readonly onTrouble: (sentence: string) => void;
}

/**
 * Runs a program in a container for each datagram in the kernel's form: its last argument is the subsystem, its environment the event's
 * variables without SEQNUM, `HOME=/` and the kernel's `PATH`. One at a time for each device, some beside each other. It has the
 * namespaces, cgroups, capabilities and limits of the process that the target was named by.
 */
export interface Helper extends Peer {
  /** True if that process has a seccomp filter: it cannot be given to another one. */
  readonly lacksFilter: boolean;
  /** Resolves when it has ended, and with it what it runs: by close(), or since the container ended it. */
  readonly ended: Promise<void>;
}
