import type { Access, KernelError } from "@uevent-bridge/kernel";

/** Ids, of the host or of a container. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** What is to be had of a device that a container sees. */
export interface Shown {
  /** Its node's name below `/dev`, as the container is to have it. */
  readonly name: string;
  readonly number: { readonly type: "char" | "block"; readonly major: number; readonly minor: number };
  /** Permission bits of the node: 0660 unless something else is wanted. */
  readonly mode?: number | undefined;
  /** As the container counts: its root unless somebody else is wanted. */
  readonly owner?: Ids | undefined;
  /** `rw` unless something else is wanted. */
  readonly access?: Access | undefined;
}

/** What is to be had of a device, with all that was not said. */
export interface Found {
  readonly name: string;
  readonly number: Shown["number"];
  readonly mode: number;
  /** As the container counts. */
  readonly owner: Ids;
  /** As the host counts. */
  readonly host: Ids;
  /** Why it is its root's, if its owner has no ids on the host. */
  readonly unmapped?: KernelError | undefined;
  readonly access: Access;
  /** Names of links to it, below `/dev`. */
  readonly links: readonly string[];
}
