import type { UdevInside } from "../inside.js";
import type { DeviceId } from "../holders.js";
import type { FakeCgroup } from "./cgroup.js";
import { ROOT_CGROUP } from "./cgroups.js";
import type { FakeHelper } from "./helper.js";
import { FakeReader } from "./reader.js";
import type { ReaderOptions } from "./reader.js";
import type { FakeNetns, Owner } from "./netns.js";
import { INITIAL } from "./netns.js";
import { FakePlaces } from "./places.js";
import { FakeOwnDev } from "./single-nodes.js";
import { FakeUse } from "./use.js";
import type { UseOptions } from "./use.js";
import type { World } from "./world.js";

export interface ContainerOptions {
  /** Its first process, as the host numbers it. Absent: the next free one. */
  readonly pid?: number;
  /** Default `own`. */
  readonly userns?: "own" | "initial";
  /** Uid 0 of its own user namespace as a host id. Default 100000. */
  readonly uidBase?: number;
  /** Default: as `uidBase`. */
  readonly gidBase?: number;
  /** How many ids its own user namespace has. Default 65536. */
  readonly ids?: number;
  /** False: its user namespace has no root, as bubblewrap leaves it. Default true. */
  readonly hasRoot?: boolean;
  /**
   * `own` (default): a network namespace owned by its user namespace; `initial`: one owned by the initial user namespace;
   * `host`: the host's; a container: that one's, as in a pod.
   */
  readonly netns?: "own" | "initial" | "host" | FakeContainer;
  /** `own` (default): a cgroup of its own, which goes with it; `host`: that of the host's programs; a container: that one's. */
  readonly cgroup?: "own" | "host" | FakeContainer;
  /** A path at which its network namespace is bound, such as `/run/netns/blue`. */
  readonly path?: string;
}

const DEFAULT_READER = 212_992; // bytes: net.core.rmem_default

/** A container: a process with namespaces. */
export class FakeContainer {
  readonly pid: number;
  readonly path: string | undefined;
  readonly hasRoot: boolean;
  readonly ids: number;
  readonly netns: FakeNetns;
  /** What its programs may open. */
  readonly cgroup: FakeCgroup;
  /** Its user namespace. */
  readonly user: Owner;
  /** Resolves on a turn after `end()`. */
  readonly ended: Promise<void>;
  /** The directories of the host that its programs find, each at a path of its own. */
  readonly places: FakePlaces;
  readonly #world: World;
  readonly #ownsCgroup: boolean;
  readonly #uses = new Set<FakeUse>();
  #alive = true;
  #resolveEnded: () => void = () => {};

  /** The host's directory that its programs find at `/run/udev`. */
  udev: string | undefined;
  /** The host's directory that its programs find at `/dev`: the `path` of a `DeviceDirectory`. */
  dev: string | undefined;
  /** Its own `/dev`, which is below that. It takes single nodes where it is of the initial user namespace, and not the host's. */
  readonly ownDev: FakeOwnDev;
  /** The host's directory that its programs find at `/sys`: the `path` of a `SysDirectory`. */
  sys: string | undefined;
  /** Whether a udevd is there. Default `absent`. */
  udevd: UdevInside["udevd"] = "absent";
  /** What runs programs in it, in the order of its coming. */
  readonly helpers: FakeHelper[] = [];
  /** Programs that it does not have. */
  readonly lacks = new Set<string>();
  /** True: it has a `/run/udev/control` that is not ours. */
  hasControl = false;

  constructor(world: World, pid: number, options: ContainerOptions) {
    this.#world = world;
    this.pid = pid;
    this.path = options.path;
    this.hasRoot = options.hasRoot ?? true;
    this.ids = options.ids ?? 65_536;
    this.user = userOf(options);
    this.places = new FakePlaces(this.user.uid);
    this.ownDev = new FakeOwnDev(this.user.initial ? undefined : "no-devices");
    this.netns = netnsOf(world, options, this.user);
    this.cgroup = cgroupOf(world, pid, options);
    this.#ownsCgroup = (options.cgroup ?? "own") === "own";
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Its process ends. */
  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#uses.clear();
    if (this.#ownsCgroup) this.cgroup.remove();
    this.#world.turns.add(this.#resolveEnded);
  }

  /** A program in it has a device in use, until it closes it or ends. */
  use(device: DeviceId, options: UseOptions = {}): FakeUse {
    return new FakeUse(this.#uses, device, options.pid ?? this.pid, options);
  }

  usesOf(devices: readonly DeviceId[]): readonly FakeUse[] {
    return [...this.#uses].filter((use) => use.isOf(devices));
  }

  /** What it has in use goes with it; with its first process it ends itself. */
  endProgram(pid: number): void {
    if (pid === this.pid) return this.end();
    for (const use of this.#uses) if (use.holder.pid === pid) use.close();
  }

  /** A program in it listens to a uevent group, the kernel's if none is named. */
  reader(options: ReaderOptions = {}): FakeReader {
    return new FakeReader(this.#world, this.netns, { receiveBuffer: DEFAULT_READER, pid: this.pid, ...options });
  }
}

function userOf(options: ContainerOptions): Owner {
  if (options.userns === "initial") return INITIAL;
  const uid = options.uidBase ?? 100_000;
  return { initial: false, uid, gid: options.gidBase ?? uid };
}

function netnsOf(world: World, { netns = "own" }: ContainerOptions, user: Owner): FakeNetns {
  if (netns === "own") return world.unshareNetns(user);
  if (netns === "initial") return world.unshareNetns(INITIAL);
  return netns === "host" ? world.host : netns.netns;
}

function cgroupOf(world: World, pid: number, { cgroup = "own" }: ContainerOptions): FakeCgroup {
  if (cgroup === "own") return world.cgroups.get(`${ROOT_CGROUP}/box-${pid}`);
  return cgroup === "host" ? world.cgroups.get(ROOT_CGROUP) : cgroup.cgroup;
}
