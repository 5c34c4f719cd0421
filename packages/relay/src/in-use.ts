import type { DeviceId, Holder, Target } from "@uevent-bridge/kernel";
import { toText } from "@uevent-bridge/uevent";

import { asBridgeError } from "./errors.js";
import type { KnownDevice } from "./known-device.js";
import { numberOf } from "./snapshot.js";
import type * as api from "./types.js";
import { stillInUse } from "./warnings.js";

export interface InUseOptions {
  readonly name: string;
  readonly target: () => Target | undefined;
}

/** What a container's programs have in use, which no right and no node takes from them. */
export class InUse {
  readonly #options: InUseOptions;
  #isFrozen = false;

  constructor(options: InUseOptions) {
    this.#options = options;
  }

  /** True while all its programs stand still, for a device that was taken from it. */
  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Who has these devices in use. */
  async by(devices: readonly KnownDevice[]): Promise<api.OpenBy> {
    const numbered = this.#numbered(devices);
    if (numbered.length === 0) return { holders: [], more: false };
    const target = this.#options.target();
    if (!target) return { holders: [], more: true };
    const { holders, more } = await target.holders(numbersOf(numbered));
    return { holders: holders.map((holder) => describe(holder, numbered)), more };
  }

  /** Has these devices, which it may not see any more, be in use no more, as far as that goes. @throws BridgeError */
  async close(devices: readonly KnownDevice[], how: api.OnOpen): Promise<Omit<api.Revocation, keyof api.Change>> {
    if (how === "end") {
      const ended = await this.#end(devices);
      return { openBy: await this.by(devices), ended, ...frozen(this) };
    }
    const openBy = await this.by(devices);
    const isUsed = openBy.holders.length > 0 || openBy.more;
    if (how === "freeze" && isUsed) await this.#freeze();
    return { openBy, ...frozen(this) };
  }

  /** What was frozen goes on. */
  thaw(): void {
    this.#isFrozen = false;
    this.#options.target()?.thaw();
  }

  async #end(devices: readonly KnownDevice[]): Promise<readonly api.Holder[]> {
    const numbered = this.#numbered(devices);
    const target = this.#options.target();
    if (numbered.length === 0 || !target) return [];
    const ended = await target.endHolders(numbersOf(numbered));
    return ended.map((holder) => describe(holder, numbered));
  }

  async #freeze(): Promise<void> {
    try {
      await this.#options.target()?.freeze();
      this.#isFrozen = this.#options.target() !== undefined;
    } catch (error) {
      throw stillInUse(this.#options.name, asBridgeError(error));
    }
  }

  #numbered(devices: readonly KnownDevice[]): readonly KnownDevice[] {
    return devices.filter((device) => numberOf(device) && isThere(device));
  }
}

/** As it is said of a container. */
export function frozen({ isFrozen }: Pick<InUse, "isFrozen">): { readonly frozen?: true } {
  return isFrozen ? { frozen: true } : {};
}

/** Else its number may be another's, which the container may see. */
function isThere(device: KnownDevice): boolean {
  return device.node.device === device;
}

function numbersOf(devices: readonly KnownDevice[]): readonly DeviceId[] {
  return devices.map(numberOf).filter((number) => number !== undefined);
}

function describe({ pid, comm, device, how, place }: Holder, among: readonly KnownDevice[]): api.Holder {
  const held = among.find((each) => isSame(numberOf(each), device));
  return {
    pid,
    comm: toText(comm),
    devpath: held?.devpath ?? "",
    how,
    ...(place !== undefined && { place: toText(place) }),
  };
}

function isSame(a: DeviceId | undefined, b: DeviceId): boolean {
  return a?.type === b.type && a.major === b.major && a.minor === b.minor;
}
