import type { DeviceTree, UdevEntry, UdevRecord } from "@uevent-bridge/kernel";
import { toText } from "@uevent-bridge/uevent";

import type { KnownDevice } from "../known-device.js";
import { Lanes } from "../lanes.js";
import { isStillThere } from "../still-there.js";
import { UdevAnswers } from "./answers.js";
import { derive } from "./derive.js";
import { upwards } from "./derived.js";

/** Attributes that are read at the same time. */
const READS = 16;

export interface DeskOptions {
  readonly devicesOf: (device: KnownDevice) => DeviceTree;
  readonly attributeMs: number;
  /** True if udevd runs on the host, and what it says comes to `heard`: then its database says what is known of the host's devices. */
  readonly udevRuns: () => boolean;
  readonly udevMs: number;
  /** udevd has said what had not been waited for any longer. */
  readonly onLate: (device: KnownDevice) => void;
}

/** What udev knows of a device: the host's udevd, where one runs; else what can be derived. */
export class UdevDesk {
  readonly #options: DeskOptions;
  readonly #lanes = new Lanes(READS);
  readonly #attributes = new WeakMap<KnownDevice, Map<string, string | undefined>>();
  readonly #reading = new WeakMap<KnownDevice, Promise<void>>();
  readonly #since = new WeakMap<KnownDevice, bigint>();
  /** What was found out last, until the device's next event, udevd's next word of it, or anything else that it followed from. */
  readonly #found = new WeakMap<KnownDevice, Found>();
  readonly #last = new WeakMap<KnownDevice, UdevRecord>(); // udevd forgets a device before its `remove` is told
  readonly #answers: UdevAnswers;
  #isOpen = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#answers = new UdevAnswers(options);
  }

  /** Somebody will ask: from now on it must be heard what udevd says. */
  open(): void {
    this.#isOpen = true;
    void this.#options.udevRuns();
  }

  /** The host's kernel has said something of a device: udevd will too. */
  expect(seqnum: bigint | undefined, device: KnownDevice): void {
    if (seqnum !== undefined && this.#isOpen && this.#isInDatabase(device)) this.#answers.expect(seqnum, device);
  }

  /** Of what udevd said something was lost. */
  lost(): void {
    this.#answers.lost();
  }

  /** udevd has something new to say of a device. */
  renew(device: KnownDevice): void {
    this.#found.delete(device);
  }

  /** udevd has passed on the kernel's event with this number. */
  heard(seqnum: bigint): void {
    this.#answers.heard(seqnum);
  }

  /**
   * Resolves when all is known that is said with an event of the kernel's; undefined if it is. @param seqnum of that event; absent for
   * one that we make: it waits for what udevd has still to say of the device
   */
  prepare(device: KnownDevice, seqnum: bigint | undefined): Promise<void> | undefined {
    if (seqnum !== undefined && this.#found.get(device)?.seqnum !== seqnum) this.#renewed(device, seqnum);
    if (this.#isInDatabase(device))
      return seqnum === undefined ? this.#answers.expected(device) : this.#answers.wait(seqnum, device);
    const missing = this.#foundOf(device).record ? [] : this.#missing(device);
    return missing.length > 0 ? this.#readOnce(device, missing) : undefined;
  }

  /** An attribute that was not there may have been late: it is asked for once more. */
  #renewed(device: KnownDevice, seqnum: bigint): void {
    this.#found.set(device, { seqnum, basis: this.#basis(device) });
    for (const each of upwards(device)) {
      const known = this.#attributes.get(each) ?? [];
      this.#attributes.set(each, new Map([...known].filter(([, value]) => value !== undefined)));
    }
  }

  /** Latin1, as in a datagram. */
  entry(device: KnownDevice): UdevEntry {
    const found = this.#foundOf(device);
    found.record ??= this.#isInDatabase(device) ? this.#record(device) : this.#derived(device);
    return { ...found.record, initialized: this.#firstSeen(device) };
  }

  /** Nothing yet, if what was found followed from something that is another now: nobody may have been told of its events. */
  #foundOf(device: KnownDevice): Found {
    const basis = this.#basis(device);
    const found = this.#found.get(device);
    if (found?.basis === basis) return found;
    const nothing = { basis };
    this.#found.set(device, nothing);
    return nothing;
  }

  /** From what it follows: where the device is, what it and those above it are, and whether a udevd says it. */
  #basis(device: KnownDevice): string {
    const states = Array.from(upwards(device), ({ state }) => state);
    return [device.devpath, this.#isInDatabase(device), ...states].join("\n");
  }

  /** The host's udevd knows nothing of the net devices of another network namespace, and their numbers are given there too. */
  #isInDatabase(device: KnownDevice): boolean {
    return device.netns === undefined && this.#options.udevRuns();
  }

  #record(device: KnownDevice): UdevRecord {
    const record = this.#options.devicesOf(device).udev(device.raw()) ?? this.#last.get(device) ?? NOTHING;
    this.#last.set(device, record);
    return record;
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

  /** For all who ask meanwhile: they go on in the order in which they did. */
  #readOnce(device: KnownDevice, missing: readonly Missing[]): Promise<void> {
    const before = this.#reading.get(device);
    if (before) return before;
    const reading = this.#readAll(device, missing).finally(() => this.#reading.delete(device));
    this.#reading.set(device, reading);
    return reading;
  }

  /** Each once: what an event has made forgotten meanwhile is asked for with that event. */
  async #readAll(device: KnownDevice, missing: readonly Missing[], asked = new Set<string>()): Promise<void> {
    for (const each of missing) asked.add(keyOf(each));
    await Promise.all(missing.map((each) => this.#lanes.run(() => this.#read(each))));
    const more = this.#missing(device).filter((each) => !asked.has(keyOf(each))); // one may be asked for because of another
    if (more.length > 0) await this.#readAll(device, more, asked);
  }

  /** Of another device that is there by now nothing is taken. */
  async #read({ device, name }: Missing): Promise<void> {
    if (this.#attributes.get(device)?.has(name)) return;
    const { devpath } = device;
    const devices = this.#options.devicesOf(device);
    const bytes = await devices.attribute(devpath, name, this.#options.attributeMs);
    const isSame = isStillThere(devices, devpath, device);
    const known = this.#attributes.get(device) ?? new Map<string, string | undefined>();
    known.set(name, isSame && bytes ? toText(Buffer.from(bytes).toString("latin1")) : undefined);
    this.#attributes.set(device, known);
  }

  /** Microseconds of the monotonic clock: libudev takes a device without it for one that udevd has not seen yet. */
  #firstSeen(device: KnownDevice): bigint {
    const since = this.#since.get(device) ?? process.hrtime.bigint() / 1000n;
    this.#since.set(device, since);
    return since;
  }
}

interface Found {
  readonly basis: string;
  /** Of the event for which it is. */
  readonly seqnum?: bigint;
  record?: UdevRecord;
}

interface Missing {
  readonly device: KnownDevice;
  readonly name: string;
}

function keyOf({ device, name }: Missing): string {
  return `${device.devpath} ${name}`;
}

const NOTHING: UdevRecord = { properties: new Map(), links: [], tags: [] };
