/** A directory below `/sys/devices` with a `uevent` file and a `subsystem` link, as it was when it was read. */
export interface RawDevice {
  /** The path below `/sys`: `/devices/virtual/block/loop0`. */
  readonly devpath: string;
  readonly subsystem: string;
  /** The content of its `uevent` file: lines of `KEY=VALUE`. */
  readonly uevent: Uint8Array;
  /** Differs between two devices that had the same path one after the other. */
  readonly incarnation: string;
}

/** What udevd knows of a device, from `/run/udev/data`. */
export interface UdevRecord {
  readonly properties: ReadonlyMap<string, string>;
  /** Links below `/dev`, as absolute paths. */
  readonly links: readonly string[];
  /** Of its links, where others have them too: the highest has it. 0 if absent. */
  readonly priority?: number;
  readonly tags: readonly string[];
}

/** `/sys`, read only. Paths are device paths; names are checked by the reader: no `..`, no symlink leads out of it. */
export interface DeviceTree {
  /** All devices, parents before children. Runs beside the event loop. */
  enumerate(): Promise<readonly RawDevice[]>;
  /** One device now; undefined if there is none at this path. */
  read(devpath: string): RawDevice | undefined;
  /** Cheaper than `read`. */
  incarnation(devpath: string): string | undefined;
  /** True if devices can belong to it: there is a class or a bus of this name. `queues` is none. */
  isSubsystem(name: string): boolean;
  /** An attribute's bytes without the newline at the end; undefined if there is none, or no answer within `timeoutMs`. Runs beside the event loop. */
  attribute(devpath: string, name: string, timeoutMs: number): Promise<Uint8Array | undefined>;
  /** Undefined if udevd knows nothing of it. */
  udev(device: RawDevice): UdevRecord | undefined;
  close(): void;
}
