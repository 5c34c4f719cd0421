/** What is to be found under a name in a container's `/dev`. Owners are ids of the host. */
export type DeviceEntry =
  | {
      readonly kind: "node";
      readonly type: "char" | "block";
      readonly major: number;
      readonly minor: number;
      /** Permission bits. */
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: "link"; readonly target: string }
  /** Where a runtime mounts something. It belongs to the host's root; `mode` has the permission bits, 0755 unless something else is said. */
  | { readonly kind: "directory"; readonly mode?: number };

/**
 * A container's `/dev`: a file system of ours, which the container has read-only, or one that its engine made (`isShared`). An entry is
 * there as it should be, or not at all.
 */
export interface DeviceDirectory {
  /** What is bound into the container, or what it has, as the host sees it. */
  readonly path: string;
  /**
   * True if others have entries there too, which stay as they are: `put` takes no name that one of them has, but for a node of the same
   * number or a directory, which is as good as ours and stays theirs; `remove` and `forgetOthers` take away what was put there alone.
   */
  readonly isShared: boolean;
  /**
   * Puts an entry there, in the place of whatever has its name but a directory. The directories above it come with it.
   * @param name below `/dev`, such as `input/event3`: what `deviceNameParts` takes
   * @throws KernelError PATH_UNUSABLE: it is no such name, a directory or something that is none is in the way, or there is no room
   */
  put(name: string, entry: DeviceEntry): void;
  /**
   * Takes it away, and the directories above it that came with such entries if it was the last. What is not there, is away; a
   * directory goes when it is empty. @throws KernelError PATH_UNUSABLE: it is no such name
   */
  remove(name: string): void;
  /** Takes away what a relay before this one left, and this one has not put there. */
  forgetOthers(): void;
  /**
   * Unmounts it, unless a container still has it: then it stays, with what is in it. Of one that is shared it takes away what was put
   * there, by a relay before this one too.
   */
  close(): void;
}

/**
 * Why a container's own `/dev` takes no single nodes: the host has the same file system, or it is ours already; no nodes can be made
 * there, or none be opened, as in a tmpfs of a user namespace; it is in no tmpfs; it is not known, as when it does not answer.
 */
export type NoNodes = "host" | "no-devices" | "no-tmpfs" | "unknown";
