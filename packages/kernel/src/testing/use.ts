import type { DeviceId, Holder } from "../holders.js";

export interface UseOptions {
  /** Default: the container's first process. */
  readonly pid?: number;
  readonly comm?: string;
  readonly how?: Holder["how"];
  readonly place?: string;
  /** True: a driver keeps its program from ending. */
  readonly isStuck?: boolean;
}

/** A device that a program of a container has in use. */
export class FakeUse {
  readonly holder: Holder;
  readonly isStuck: boolean;
  readonly #uses: Set<FakeUse>;

  constructor(uses: Set<FakeUse>, device: DeviceId, pid: number, options: UseOptions) {
    const { comm = "program", how = "open", place, isStuck = false } = options;
    const { type, major, minor } = device;
    this.holder = { pid, comm, device: { type, major, minor }, how, ...(place !== undefined && { place }) };
    this.isStuck = isStuck;
    this.#uses = uses;
    uses.add(this);
  }

  /** False when its program has closed it, or ended. */
  get isOpen(): boolean {
    return this.#uses.has(this);
  }

  close(): void {
    this.#uses.delete(this);
  }

  isOf(devices: readonly DeviceId[]): boolean {
    const { type, major, minor } = this.holder.device;
    return devices.some((each) => each.type === type && each.major === major && each.minor === minor);
  }
}
