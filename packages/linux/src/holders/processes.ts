import { opendir } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

import type { Addon } from "../addon.js";
import type { ProcessCgroups } from "../rights/cgroups.js";
import { cgroupsOf, hierarchies } from "../rights/cgroups.js";
import { containerCgroupsOf } from "../rights/container-cgroups.js";
import { processesBelow } from "../rights/processes-below.js";
import { mayBeContainers, ownCgroups } from "./cgroup-processes.js";
import { PidNamespaces, pidNamespaceOf } from "./pid-namespaces.js";

const PROCESSES_MAX = 32_768; // of a container
const TURN = 64; // processes of the host that are looked at in a turn of the event loop

/** The process by which a container is known. */
export interface First {
  readonly pid: number;
  readonly hasEnded: () => boolean;
}

/** The processes of a container: those of its cgroup and of its pid namespace, as far as these are its own, and its first one. */
export class ContainerProcesses {
  readonly #first: First;
  readonly #mounts = hierarchies();
  readonly #cgroups: readonly string[];
  readonly #namespaces: PidNamespaces | undefined;

  /** @throws Error the process has ended */
  constructor(addon: Addon, first: First) {
    const { pid } = first;
    this.#first = first;
    this.#cgroups = ownCgroups(pid, pathsOf(containerCgroupsOf(addon, pid)));
    const namespace = pidNamespaceOf(pid);
    const isOwn = namespace !== undefined && namespace !== pidNamespaceOf("self");
    this.#namespaces = isOwn ? new PidNamespaces(addon, namespace) : undefined;
    if (first.hasEnded()) throw new Error("what was seen may be another's, which has its number now");
  }

  /** `more`: there may be others. */
  async list(): Promise<{ readonly pids: readonly number[]; readonly more: boolean }> {
    const pids = new Set<number | undefined>(this.#first.hasEnded() ? [] : [this.#first.pid]);
    for (const cgroup of this.#cgroups) for (const pid of processesBelow(cgroup)) pids.add(pid);
    if (this.#namespaces) for await (const pid of processesIn(this.#namespaces)) pids.add(pid);
    const isKnown = (this.#cgroups.length > 0 || this.#namespaces !== undefined) && !pids.has(undefined);
    const all = [...pids].filter((pid) => pid !== undefined).filter(mayBeContainers);
    return { pids: all.slice(0, PROCESSES_MAX), more: !isKnown || all.length > PROCESSES_MAX };
  }

  /** Whether this is one of them now: a number may be another's by then. */
  has(pid: number): boolean {
    if (!mayBeContainers(pid)) return false;
    const isFirst = pid === this.#first.pid && !this.#first.hasEnded();
    return isFirst || (this.#namespaces?.has(pid) ?? false) || this.#isInside(pid);
  }

  #isInside(pid: number): boolean {
    try {
      const paths = pathsOf(cgroupsOf(pid, this.#mounts));
      const isAt = (cgroup: string) => paths.some((path) => path === cgroup || path.startsWith(`${cgroup}/`));
      return this.#cgroups.some(isAt);
    } catch {
      return false; // it has ended
    }
  }
}

function pathsOf({ unified, devices, freezer }: ProcessCgroups): readonly string[] {
  return [unified, devices, freezer].filter((path) => path !== undefined);
}

/** Of all of the host, some in a turn. */
async function* processesIn(namespaces: PidNamespaces): AsyncGenerator<number> {
  let looked = 0;
  for await (const { name } of await opendir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    if (++looked % TURN === 0) await setImmediate();
    if (namespaces.has(pid)) yield pid;
  }
}
