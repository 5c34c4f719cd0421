import type { DeviceRights } from "../device-rights.js";
import { KernelError } from "../errors.js";
import { FakeCgroup } from "./cgroup.js";
import { FakeDeviceRights } from "./device-rights.js";
import type { World } from "./world.js";

/** That of the fake machine's own programs, with all others below it. */
export const ROOT_CGROUP = "/sys/fs/cgroup";

/** The cgroups of the fake machine. */
export class FakeCgroups {
  readonly #cgroups = new Map<string, FakeCgroup>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The cgroup at a path; made if it is not there. */
  get(path: string): FakeCgroup {
    const found = this.#cgroups.get(path);
    if (found && !found.isGone) return found;
    const cgroup = new FakeCgroup(path);
    this.#cgroups.set(path, cgroup);
    return cgroup;
  }

  open(path: string): DeviceRights {
    this.#world.faults.hit("openDeviceRights");
    const cgroup = this.#cgroups.get(path);
    if (!cgroup || cgroup.isGone) throw unusable(path, "it is no cgroup");
    if (path === ROOT_CGROUP) throw sharesHost(path);
    if (cgroup.holder && this.#world.opened.has(cgroup.holder)) throw unusable(path, "another relay holds it");
    return new FakeDeviceRights(cgroup, this.#world);
  }
}

function sharesHost(path: string): KernelError {
  const message = `a process of the host is in the cgroup ${path}`;
  return new KernelError("TARGET_SHARES_HOST", message, "give the container a cgroup of its own");
}

function unusable(path: string, why: string): KernelError {
  return new KernelError("PATH_UNUSABLE", `the cgroup ${path} cannot be used: ${why}`, "give a container's");
}
