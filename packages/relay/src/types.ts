import type { Policy, RuleLike, Words } from "@uevent-bridge/filter";
import type { Kernel, TargetRef } from "@uevent-bridge/kernel";
import type { Uevent } from "@uevent-bridge/uevent";
import type { EventEmitter } from "eventemitter3";

import type { ContainerNode } from "./container-node.js";
import type { Counters } from "./counters.js";
import type { BridgeError } from "./errors.js";
import type { OpenBy, Revocation, RevokeOptions } from "./in-use-types.js";
import type { Limits } from "./limits.js";
import type { Mount } from "./mount.js";

/** There is no "error" event: promises reject; `warning`, `gap` and `detached` tell. */
type Emits<E extends object> = Pick<EventEmitter<E>, "on" | "once" | "off">;

/** Holds the process as a `net.Server` does, until close(), abort or unref(). Afterwards nothing of ours is left anywhere. */
export interface Handle extends AsyncDisposable {
  ref(): this;
  unref(): this;
  close(): Promise<void>;
}

export interface RelayOptions {
  readonly kernel: Kernel;
  /**
   * A directory of this user alone, in which it is written who holds a device: what containers hold then survives the relay, and holds for
   * all relays of this machine that have the same one. Default false: neither.
   */
  readonly stateDir?: string | false;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

export interface Relay extends Emits<RelayEvents>, Handle {
  /** As they are now. */
  readonly counters: Readonly<Counters>;
  attach(options: AttachOptions): Promise<Container>;
  get(name: string): Promise<Container | undefined>;
  list(): Promise<Container[]>;
  /** The host's devices, parents first; with a policy: what it would let in. */
  devices(policy?: Policy): Promise<Device[]>;
  monitor(
    options?: StreamOptions & { readonly source?: "kernel" | "udev"; readonly rules?: readonly RuleLike[] },
  ): AsyncIterable<Message>;
  /**
   * Hands a device that a container holds over to another one, named `to`: it is removed in the holder, and `graceMs` later (0) added in
   * the other. `device`: as the host has it
   */
  transfer(device: string, to: string, options?: TransferOptions): Promise<void>;
  /** Resolves when all that the kernel said before this call has been told. */
  settle(options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface TransferOptions {
  /** Milliseconds in which nobody has it. Default 0. */
  readonly graceMs?: number;
  /** True: the other container may be attached to another relay with the same `stateDir`, which finds that it holds the device now. */
  readonly elsewhere?: boolean;
  /** Aborted before the other has it: its holder has it again. */
  readonly signal?: AbortSignal;
}

export type { Counters };
export type { Holder, OnOpen, OpenBy, Revocation, RevokeOptions } from "./in-use-types.js";
export type { ContainerNode, Mount, Policy, RuleLike, TargetRef as Target, Words };

export type AttachOptions = AttachBase & (TargetRef | { readonly pid?: never; readonly netns?: never });

export interface AttachBase extends Policy {
  /** `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`; it becomes a directory name. */
  readonly name: string;
  /** Absent: `{ socket: true, netlink: "auto" }`; present: only what it names. */
  readonly deliver?: Deliver;
  /**
   * Its `/dev`, in which the nodes and links of the devices are that it may see: made in this directory of the host, or in one of ours
   * (`auto`). `auto`, where a process of it is known: single nodes and links in the `/dev` that it has, if that takes any. Default `off`.
   */
  readonly dev?: string;
  /**
   * Its `/sys`, which shows the devices that it may see: made in this directory of the host, or in one of ours (`auto`). Default `off`:
   * its engine's stays.
   */
  readonly sysfs?: string;
  /**
   * Where it is said what its programs may open: in the cgroup of its process (`auto`) or in this one. Default `off`: what its engine
   * says stays.
   */
  readonly cgroup?: string;
  /** Default true: the devices that are there already are told as `add`. */
  readonly coldplug?: boolean;
  /** Abort detaches. */
  readonly signal?: AbortSignal;
}

export interface Deliver {
  /** A directory that we make: 0700, owned by the container's root. */
  readonly socket?: boolean | string | { readonly dir: string; readonly uid: number; readonly gid: number };
  /**
   * `kernel`: to those who listen to the kernel; `udev`: to programs of libudev, where no udevd runs; `both`. `auto`: `both` where no
   * udevd is installed, else `kernel`, and `off` where the host is heard already.
   */
  readonly netlink?: "auto" | "kernel" | "udev" | "both" | "off";
  /**
   * Where that is said: in the container's own network namespace (`off`, the default), or in a shadow of it, for programs that the
   * runtime starts with a seccomp filter whose `listenerPath` this is. `auto`: a shadow where the container has no user namespace
   * of its own or has not started, at a path that `delivery` tells.
   */
  readonly shadow?: "auto" | "off" | { readonly listenerPath: string };
  /**
   * A program of the container that is run in it for each event, as the kernel would run its hotplug helper: a path there, or a name
   * such as `mdev`. It takes a `pid`, and a user namespace of the container's own.
   */
  readonly exec?: string;
}

export interface Container extends Emits<ContainerEvents>, AsyncDisposable {
  readonly name: string;
  /** What the engine must bind in, as OCI writes it. */
  readonly mounts: readonly Mount[];
  /** The ways of delivery that were chosen, each with the reason. */
  readonly delivery: readonly DeliveryChoice[];
  /** It has started: from now on its namespaces are known. */
  join(target: TargetRef): Promise<void>;
  allow(...rules: RuleLike[]): Promise<Change>;
  deny(...rules: RuleLike[]): Promise<Change>;
  /** Takes allow and deny rules back. */
  forget(...rules: RuleLike[]): Promise<Change>;
  /** All or nothing; only the difference is told. */
  setPolicy(policy: Policy, options?: { readonly dryRun?: boolean } & RevokeOptions): Promise<Revocation>;
  /** Lets it see a device that is there and what is below, until the device goes; a deny rule still wins. `device`: as for `explain`, but the host's name counts first */
  grant(device: string, words?: Words): Promise<Change>;
  /** Hides a device that is there and what is below, whatever the rules say, until the device goes or is granted. `device`: as for `explain` */
  revoke(device: string, options?: RevokeOptions): Promise<Revocation>;
  /** Has its programs go on that were frozen for a device which they had open. So does detaching it. */
  thaw(): Promise<void>;
  /** Tells each device that it sees (and one of the rules picks, if there are any) once more, as `change`. Resolves to how many. */
  trigger(...rules: RuleLike[]): Promise<number>;
  /** What it was told of (and one of the rules picks, if there are any), parents first. */
  devices(...rules: RuleLike[]): Promise<Device[]>;
  /** `device`: a devpath, `/sys/…`, `/dev/…` or a link: as the container has it, if it sees one that it calls so, else as the host has it. */
  explain(device: string, options?: ExplainOptions): Promise<Explanation>;
  /** The last decisions, bounded. */
  log(options?: { readonly since?: Date }): Promise<Decision[]>;
  events(options?: StreamOptions): AsyncIterable<Message>;
  settle(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** What its programs know of devices, its rules and what it was granted, for `restore`. Take it when its programs stand still. */
  checkpoint(): Promise<Uint8Array>;
  /**
   * Its programs come from where this state was taken: they are told what of it is not here, and what is here and not in it. Its rules
   * and grants are those of the state then. Attach it with `coldplug: false`, and start them before.
   * @param renamed from devpaths there to those here, of devices that stand for each other, with all below them
   */
  restore(state: Uint8Array, renamed?: ReadonlyMap<string, string>): Promise<Change>;
  detach(): Promise<void>;
}

export interface DeliveryChoice {
  readonly channel: "socket" | "netlink" | "shadow" | "exec" | "dev" | "sysfs" | "cgroup";
  /** `kernel`, `udev`, `both`, `off`, `single nodes`, the directory, the path at which a shadow's holder listens, or the program that is run. */
  readonly choice: string;
  readonly reason: string;
}

export type Message = Uevent | Gap;

export interface StreamOptions {
  readonly signal?: AbortSignal;
  /** Messages that may wait; beyond it a Gap. Default 1024. */
  readonly highWaterMark?: number;
}

export interface Gap {
  readonly kind: "gap";
  readonly lost: number | "unknown";
  readonly where: "kernel" | "container" | "listener" | "stream";
}

/** Devpaths that a change of policy or a resync let in and took out. */
export interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** A snapshot, plain data. */
export interface Device {
  readonly devpath: string;
  readonly incarnation: string;
  readonly subsystem: string;
  readonly devtype?: string;
  readonly driver?: string;
  /** Always `/dev/…`. */
  readonly devname?: string;
  readonly number?: { readonly type: "char" | "block"; readonly major: number; readonly minor: number };
  readonly links: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
  readonly tags: readonly string[];
  readonly parent?: string;
  /** The container that holds it, so that no other sees it. */
  readonly holder?: string;
}

export interface Decision {
  readonly time: Date;
  readonly action: string;
  readonly devpath: string;
  readonly rule?: string;
  /** `held`: its rules let it in, and another container holds it, or has something that it is to hold alone. */
  readonly reason: "allowed" | "denied" | "no-rule" | "not-a-device" | "other-netns" | "held" | "absent";
}

export interface Explanation extends Omit<Decision, "time" | "action"> {
  /** The devpath at which the rule picked. */
  readonly picked?: string;
  /** What it is to have in its `/dev` of a device that it sees and that has a node. */
  readonly node?: ContainerNode;
  /** Who in the container has it in use, whatever it may see; of a device with a node. */
  readonly openBy?: OpenBy;
  /** All programs of the container stand still since `freeze`, until `thaw()`; said of any device. */
  readonly frozen?: true;
  /** The container that holds it, so that no other sees it. */
  readonly holder?: string;
  /** The file that says so, if that one is not attached to this relay: where it will never be again, removing it frees the device. */
  readonly claim?: string;
  /** Of `cgroup` it is known, where the relay says nothing there (`off`), whether somebody else refuses the device. */
  readonly channels: Readonly<Record<string, "ok" | "off" | { readonly problem: string; readonly remedy: string }>>;
}

export interface ExplainOptions {
  /** `false`: what is meant to be, without asking the kernel; `cgroup`: it is asked what its programs may open, and nothing else. */
  readonly look?: boolean | "cgroup";
}

export interface ContainerEvents {
  forwarded: [Uevent];
  gap: [Gap];
  resync: [Change];
  warning: [BridgeError];
  detached: ["asked" | "ended" | "closed"];
}

export interface RelayEvents {
  gap: [Gap];
  warning: [BridgeError];
  attached: [Container];
  detached: [Container];
  closed: [];
}
