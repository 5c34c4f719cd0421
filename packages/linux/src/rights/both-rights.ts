import type { Access, DeviceNumber, DeviceRights } from "@uevent-bridge/kernel";

/** Where cgroup v1 and v2 are both mounted the kernel asks both, and each must let a device through. */
export class BothRights implements DeviceRights {
  readonly #all: readonly DeviceRights[];
  readonly #refusedElsewhere: DeviceRights["refusedBy"];

  /** @param refusedElsewhere by whom, in a hierarchy in which nothing is said */
  constructor(all: readonly DeviceRights[], refusedElsewhere: DeviceRights["refusedBy"]) {
    this.#all = all;
    this.#refusedElsewhere = refusedElsewhere;
  }

  get path(): string {
    return this.#all.map(({ path }) => path).join(" and ");
  }

  get adds(): boolean {
    return this.#all.every(({ adds }) => adds);
  }

  grant(number: DeviceNumber, access: Access): void {
    for (const each of this.#all) each.grant(number, access);
  }

  revoke(number: DeviceNumber): void {
    for (const each of this.#all) each.revoke(number);
  }

  refusedBy(number: DeviceNumber, access: Access): string | undefined {
    const refusers = this.#all.map((each) => each.refusedBy(number, access));
    return refusers.find((refuser) => refuser !== undefined) ?? this.#refusedElsewhere(number, access);
  }

  forgetOthers(): void {
    for (const each of this.#all) each.forgetOthers();
  }

  hold(): boolean {
    return this.#all.map((each) => each.hold()).includes(true);
  }

  close(): void {
    closeEach(this.#all);
  }
}

function closeEach([first, ...others]: readonly DeviceRights[]): void {
  try {
    first?.close();
  } finally {
    if (others.length > 0) closeEach(others);
  }
}
