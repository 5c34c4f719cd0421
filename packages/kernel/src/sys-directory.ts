import type { Target } from "./target.js";

/**
 * A container's `/sys`: a file system of its own, which the container has read-only. In it are the devices that were shown, where the
 * host has them, with the links of the host that lead to them; those above them are bare directories.
 */
export interface SysDirectory {
  /** What is bound into the container, with all that is mounted in it, and as a slave: what is shown later is found there too. */
  readonly path: string;
  /**
   * Shows a device, and what is below it but what is hidden; what is shown already stays as it is. A device that has gone is not
   * shown, and a network device of the host's never: it belongs to the host's netns.
   * @param without devices below it that are hidden from the beginning
   * @throws KernelError PATH_UNUSABLE: it is no devpath, or there is no room
   */
  show(devpath: string, without?: readonly string[]): void;
  /**
   * Takes devices away; what is below one and was shown itself stays. Below a device that stays it becomes an empty directory, and so
   * does all that is below it. @throws KernelError PATH_UNUSABLE
   */
  hide(...devpaths: readonly string[]): void;
  /**
   * Lets whoever may write an attribute of a shown device on the host write it in the container too, until the device is hidden. One
   * that it has not is left out. @throws KernelError PATH_UNUSABLE: it is no name of an attribute, or there is no room
   */
  writable(devpath: string, attribute: string): void;
  /** Shows the network devices of a target's own netns, but for those of hardware. @throws KernelError NO_PRIVILEGE, PATH_UNUSABLE */
  showNetwork(target: Target): void;
  /** Takes away what a relay before this one left, and this one has not shown. */
  forgetOthers(): void;
  /** Unmounts it, unless a container still has it: then it stays, with what is in it. */
  close(): void;
}
