/** A device node's number, or all that have the rest of it. */
export interface DeviceNumber {
  readonly type: "char" | "block";
  readonly major: number | "any";
  readonly minor: number | "any";
}

/** To read, to write, to make a node. */
export type Access = "r" | "w" | "rw" | "rm" | "wm" | "rwm" | "m";

/**
 * What the programs of a container may open, whatever nodes they have or make: what is granted, of a number and of those that stand
 * for many together, and what its runtime lets them open anyhow. Where nobody had said what they may open, it is what is granted and
 * nothing else, from the first `forgetOthers` on: until it is known what is granted, nothing is taken from programs that run already. When
 * the cgroup is gone there is nothing to say: no call does anything, nor throws.
 */
export interface DeviceRights {
  /** Of its cgroup, as the host sees it. */
  readonly path: string;
  /** Whether somebody else has said what they may open, and what is granted is added to that. */
  readonly adds: boolean;
  /** From when this returns they may. Replaces what was granted for the same number, by a relay before this one too. @throws KernelError MAP_FULL */
  grant(number: DeviceNumber, access: Access): void;
  /** From when this returns they may not open it any more, unless their runtime lets them; what is open stays open. */
  revoke(number: DeviceNumber): void;
  /**
   * Who keeps them from opening this one device, in a few words: asked of the kernel as it is now, with what is said in the cgroups above.
   * Undefined if nobody does.
   */
  refusedBy(number: DeviceNumber, access: Access): string | undefined;
  /** Takes back what a relay before this one granted, and this one has not, and what could be opened as nobody had said anything. */
  forgetOthers(): void;
  /** Puts it into force again where somebody has replaced it, with what that one says now. Returns whether somebody had. @throws KernelError */
  hold(): boolean;
  /** As if it had never been: what the runtime lets them open is in force alone, and everything where nobody has said what. */
  close(): void;
}
