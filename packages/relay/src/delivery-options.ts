import type {
  DeviceRights,
  Ledger,
  Left,
  Shadow,
  SocketDirectory,
  SysDirectory,
  UdevDirectory,
} from "@uevent-bridge/kernel";

import type { DevicePlace } from "./device-place.js";
import type { BridgeError } from "./errors.js";
import type { Subscriber } from "./selection.js";
import type { Deliver, DeliveryChoice } from "./types.js";

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
  /** Where it is written down what it was told; owned from now on. An error: it could not be opened. Undefined: nowhere. */
  readonly ledger: Ledger | BridgeError | undefined;
  /** What it is not to have. */
  readonly unwanted: Left;
  /** False: what is there already is not told. */
  readonly coldplug: boolean;
}

/** What a container is made of. */
export type ContainerOptions = Omit<DeliveryOptions, "subscriber">;

/** Words about the nodes in a `/dev` of ours. */
const NODE_WORDS = ["mode=", "owner="];
/** Words about what it is told. */
const TOLD_WORDS = ["exclusive", "required", "as="];

/** Whether a word of a rule means anything to a container that has these. */
export function actsOn({ devices, sysDirectory, rights }: DeliveryOptions, word: string): boolean {
  if (TOLD_WORDS.includes(word)) return true;
  if (NODE_WORDS.includes(word)) return devices !== undefined;
  return (rights !== undefined && word === "access=") || (sysDirectory !== undefined && word === "sysfs=");
}

/** Whether its programs hear us in a shadow, and why. */
export function shadowChoices({ shadow, deliver }: DeliveryOptions): readonly DeliveryChoice[] {
  if (shadow)
    return [{ channel: "shadow", choice: shadow.path, reason: "the runtime hands over its seccomp filter there" }];
  const reason = "the container's network namespace has a user namespace of its own";
  return deliver.shadow === "auto" ? [{ channel: "shadow", choice: "off", reason }] : [];
}
