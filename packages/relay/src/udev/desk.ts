import type { DeviceTree, UdevEntry, UdevRecord } from "@uevent-bridge/kernel";
import { toText } from "@uevent-bridge/uevent";

import type { KnownDevice } from "../known-device.js";
import { Lanes } from "../lanes.js";
import { derive } from "./derive.js";

/** Attributes that are read at the same time. */
const READS = 16;

export interface DeskOptions {
  readonly devicesOf: (device: KnownDevice) => DeviceTree;
  readonly attributeMs: number;
  /** True if udevd runs on the host: then its database says what is known of the host's devices. */
  readonly udevRuns: () => boolean;
}

/** What udev knows of a device: the host's udevd, where one runs; else what can be derived. */
export class UdevDesk {
  readonly #options: DeskOptions;
  readonly #lanes = new Lanes(READS);
  readonly #attributes = new WeakMap<KnownDevice, Map<string, string | undefined>>();
  readonly #since = new WeakMap<KnownDevice, bigint>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Resolves when all has been read that the properties need; undefined if it has been. */
  prepare(device: KnownDevice): Promise<void> | undefined {
    if (this.#isInDatabase(device)) return undefined;
    const missing = this.#missing(device);
    return missing.length > 0 ? this.#readAll(device, missing) : undefined;
  }

  /** Latin1, as in a datagram. */
  entry(device: KnownDevice): UdevEntry {
    const record = this.#isInDatabase(device) ? (this.#record(device) ?? NOTHING) : this.#derived(device);
    return { ...record, initialized: this.#firstSeen(device) };
  }

  /** The host's udevd knows nothing of the net devices of another network namespace, and their numbers are given there too. */
  #isInDatabase(device: KnownDevice): boolean {
    return device.netns === undefined && this.#options.udevRuns();
  }

  #record(device: KnownDevice): UdevRecord | undefined {
    return this.#options.devicesOf(device).udev(device.raw());
  }

  #derived(device: KnownDevice): UdevRecord {
    return derive(device, (of, name) => this.#attributes.get(of)?.get(name));
  }

  #missing(device: KnownDevice): readonly Missing[] {
    const missing: Missing[] = [];
    derive(device, (of, name) => {
      const known = this.#attributes.get(of);
      if (!known?.has(name)) missing.push({ device: of, name });
      return known?.get(name);
    });
    return missing;
  }

  async #readAll(device: KnownDevice, missing: readonly Missing[]): Promise<void> {
    await Promise.all(missing.map((each) => this.#lanes.run(() => this.#read(each))));
    const more = this.#missing(device); // one may be asked for because of another
    if (more.length > 0) await this.#readAll(device, more);
  }

  async #read({ device, name }: Missing): Promise<void> {
    const known = this.#attributes.get(device) ?? new Map<string, string | undefined>();
    this.#attributes.set(device, known);
    if (known.has(name)) return;
    const bytes = await this.#options.devicesOf(device).attribute(device.devpath, name, this.#options.attributeMs);
    known.set(name, bytes && toText(Buffer.from(bytes).toString("latin1")));
  }

  /** Microseconds of the monotonic clock: libudev takes a device without it for one that udevd has not seen yet. */
  #firstSeen(device: KnownDevice): bigint {
    const since = this.#since.get(device) ?? process.hrtime.bigint() / 1000n;
    this.#since.set(device, since);
    return since;
  }
}

interface Missing {
  readonly device: KnownDevice;
  readonly name: string;
}

const NOTHING: UdevRecord = { properties: new Map(), links: [], tags: [] };
