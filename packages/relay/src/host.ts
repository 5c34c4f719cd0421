import type { Policy } from "@uevent-bridge/filter";
import type { Target, TargetRef } from "@uevent-bridge/kernel";

import type { Container } from "./container.js";
import type { KnownDevice } from "./known-device.js";
import type { Limits } from "./limits.js";
import type { Outbox } from "./outbox.js";
import type { Outlet } from "./outlet.js";
import type { UdevDesk } from "./udev/desk.js";
import type { RecentEvent } from "./recent.js";
import type { Replay } from "./replay.js";
import type { Selection, Subscriber, Unknown } from "./selection.js";

/** What a container needs of the relay. */
export interface Host {
  readonly limits: Limits;
  readonly selection: Selection;
  readonly outbox: Outbox;
  readonly agenda: Set<Outlet>;
  readonly desk: UdevDesk;
  /** Names the time within which incarnations are told apart. */
  readonly boot: string;
  /** SEQNUM of the last event of the host's kernel that was applied; 0: of none. */
  readonly position: number;
  readonly replay: Replay;
  /** @throws BridgeError CLOSED */
  check(): void;
  /** Sends what was pushed and lets the outlets on the agenda go on. */
  flush(): void;
  /** Resolves when all that the kernel said before has been told to these containers. */
  settle(containers: readonly Container[], signal?: AbortSignal): Promise<void>;
  /** The devices that a container in this netns could see, parents first. */
  devicesOf(netns: bigint | undefined): Iterable<KnownDevice>;
  /** Those that it may see, parents first. */
  seenBy(subscriber: Subscriber): Iterable<KnownDevice>;
  /** Those of all network namespaces. */
  allDevices(): Iterable<KnownDevice>;
  /** The devices that a policy would let in, parents first. */
  select(policy: Policy, netns: bigint | undefined): Promise<KnownDevice[]>;
  /** By a devpath, `/sys/…`, `/dev/…` or a link. */
  find(device: string, netns: bigint | undefined): KnownDevice | undefined;
  recent(): readonly RecentEvent[];
  /** Reads the attributes that rules ask about, and asks the rules again. */
  learn(unknown: readonly Unknown[]): Promise<void>;
  /** Has udevd's events heard from now on, if a rule needs them; what must be read before the rules are true. */
  watchUdev(): readonly Unknown[];
  openTarget(ref: TargetRef): Target;
  /** Has the events of a container's own netns relayed too. Returns how to stop that. */
  enterNetns(target: Target): Promise<() => void>;
  detached(container: Container): void;
  /** The relay is not closed before this is done. */
  leaving(work: Promise<void>): void;
}
