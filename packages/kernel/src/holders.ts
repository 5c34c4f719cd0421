/** The number of one device. */
export interface DeviceId {
  readonly type: "char" | "block";
  readonly major: number;
  readonly minor: number;
}

/** A program of a container that has a device in use, whatever it may open from now on. */
export interface Holder {
  /** As the host numbers it. */
  readonly pid: number;
  /** As it calls itself: bytes of the container's, as latin1. */
  readonly comm: string;
  readonly device: DeviceId;
  /** `open`: it has a descriptor of it; `mapped`: it is in its memory; `mounted`: it sees a file system of it at `place`. */
  readonly how: "open" | "mapped" | "mounted";
  /** As the container calls it, as latin1; of `mounted` alone. */
  readonly place?: string;
}

export interface Holders {
  /** In no order, each program once for each device and way. */
  readonly holders: readonly Holder[];
  /** True if there may be others: not all could be looked at, or not in time. */
  readonly more: boolean;
}
