import type { Access, DeviceNumber, DeviceRights } from "../device-rights.js";
import { KernelError } from "../errors.js";
import type { FakeCgroup } from "./cgroup.js";
import { writeNumber } from "./device-lines.js";
import type { Mortal, World } from "./world.js";

/** What a relay says of a cgroup. */
export class FakeDeviceRights implements DeviceRights, Mortal {
  readonly path: string;
  readonly #cgroup: FakeCgroup;
  readonly #world: World;
  readonly #own = new Set<string>();

  constructor(cgroup: FakeCgroup, world: World) {
    this.path = cgroup.path;
    this.#cgroup = cgroup;
    this.#world = world;
    cgroup.holder = this;
    cgroup.begin();
    world.opened.add(this);
  }

  get adds(): boolean {
    return this.#cgroup.isSpoken;
  }

  grant(number: DeviceNumber, access: Access): void {
    this.#world.faults.hit("grant");
    if (!this.#isOpen) return;
    if (!this.#cgroup.grant(number, access)) throw mapFull(this.#cgroup);
    this.#own.add(writeNumber(number));
  }

  revoke(number: DeviceNumber): void {
    this.#world.faults.hit("revoke");
    if (!this.#isOpen) return;
    this.#cgroup.revoke(number);
    this.#own.delete(writeNumber(number));
  }

  refusedBy(number: DeviceNumber, access: Access): string | undefined {
    return this.#isOpen ? this.#cgroup.refuserOf(`${writeNumber(number)} ${access}`) : undefined;
  }

  forgetOthers(): void {
    if (this.#isOpen) this.#cgroup.keep(this.#own);
  }

  hold(): boolean {
    this.#world.faults.hit("hold");
    if (!this.#isOpen || this.#cgroup.inForce) return false;
    this.#cgroup.enforce();
    return true;
  }

  close(): void {
    if (this.#isOpen) this.#cgroup.restore();
    this.kill();
  }

  kill(): void {
    this.#world.opened.delete(this);
  }

  get #isOpen(): boolean {
    return this.#world.opened.has(this) && !this.#cgroup.isGone;
  }
}

function mapFull({ path, room }: FakeCgroup): KernelError {
  return new KernelError("MAP_FULL", `the programs of ${path} may open ${room} devices already`, "narrow the rules");
}
