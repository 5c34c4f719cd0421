import type { Access } from "@uevent-bridge/kernel";

/** A device's node in a container's `/dev`. */
export interface ContainerNode {
  readonly path: string;
  readonly type: "char" | "block";
  readonly major: number;
  readonly minor: number;
  /** Permission bits. */
  readonly mode: number;
  /** Its owner, as the container counts. */
  readonly uid: number;
  readonly gid: number;
  /** What the container's programs may do with it, where device rights are spoken of. */
  readonly access: Access;
  /** Links to it. */
  readonly links: readonly string[];
}
