import type { DeviceRights, Left, Shadow, SocketDirectory, SysDirectory, UdevDirectory } from "@uevent-bridge/kernel";

import type { DevicePlace } from "./device-place.js";
import type { Subscriber } from "./selection.js";
import type { Deliver } from "./types.js";

export interface DeliveryOptions {
  readonly name: string;
  /** Whose policy it is. */
  readonly subscriber: Subscriber;
  readonly deliver: Deliver;
  /** The directory that its listeners bind in, open; owned from now on. */
  readonly directory: SocketDirectory | undefined;
  /** Where its programs of libudev look, open; owned from now on. */
  readonly udevDirectory: UdevDirectory | undefined;
  /** The same where `auto` finds that it is needed. @throws KernelError */
  readonly openUdevDirectory: () => UdevDirectory;
  /** Where its programs hear us instead of their own kernel, open; owned from now on. */
  readonly shadow: Shadow | undefined;
  /** Where it has its devices, open; owned from now on. */
  readonly devices: DevicePlace | undefined;
  /** Its `/sys`, open; owned from now on. */
  readonly sysDirectory: SysDirectory | undefined;
  /** What its programs may open; owned from now on. `auto`: it is that of its process. */
  readonly rights: DeviceRights | "auto" | undefined;
  /** What it is not to have. */
  readonly unwanted: Left;
  /** False: what is there already is not told. */
  readonly coldplug: boolean;
}

/** What a container is made of. */
export type ContainerOptions = Omit<DeliveryOptions, "subscriber">;
