import type { LedgerEntry, LedgerText, Reader, Sent } from "@uevent-bridge/kernel";
import { Packr } from "msgpackr";

import { readTold } from "./state.js";
import type { ToldDevice } from "./state.js";

const VERSION = 1;

/** Programs that read netlink, and how many events each had lost. */
export type CaughtUp = readonly Pick<Reader, "inode" | "drops">[];

/** What was written down of one outlet. */
export interface Remembered {
  /** Of the last event that was sent. */
  readonly seq: number;
  readonly told: readonly ToldDevice[];
  /** Who read, and how many events each had lost, when they were last seen to know all that was said; undefined where nothing is lost. */
  readonly readers: CaughtUp | undefined;
  /** What was last said of each path since then. */
  readonly unread: readonly ToldDevice[];
  /** SEQNUM of the host's event from which the last datagram followed; 0: of none. */
  readonly at: number;
}

/** A record, by its first word. Numbers that begin with 1 name what a later note means. */
export type BookRecord =
  | readonly ["device", number, ToldDevice]
  | readonly ["move", number, string, string]
  | readonly ["several", number, readonly number[]]
  | readonly ["outlet", number, string]
  | readonly ["told", number, number]
  | readonly ["readers", number, CaughtUp]
  | readonly ["sure", number, device: number, devpath: string]
  | readonly ["closed", number];

interface OutletPage {
  readonly key: string;
  seq: number;
  at: number;
  /** The number of what was last said of the device at each path. */
  readonly told: Map<string, number>;
  readers: CaughtUp | undefined;
  readonly unread: Map<string, number>;
}

type Notes = readonly (readonly [devpath: string, number: number])[];

/** A whole book, as it is written. */
interface Written {
  readonly version: typeof VERSION;
  readonly boot: string;
  readonly devices: readonly (readonly [number, ToldDevice])[];
  readonly outlets: readonly (readonly [
    number: number,
    key: string,
    seq: number,
    told: Notes,
    readers: CaughtUp | undefined,
    unread: Notes,
    at?: number, // not in those of the first relays
  ])[];
}

const packr = new Packr({ useRecords: false, variableMapSize: true });

export function packRecord(record: BookRecord): Uint8Array {
  return Uint8Array.from(packr.pack(record));
}

/** What outlets were told: the sum of what a ledger says. */
export class ToldBook {
  readonly #boot: string;
  readonly #devices = new Map<number, ToldDevice>();
  readonly #moves = new Map<number, readonly [from: string, to: string]>();
  readonly #several = new Map<number, readonly number[]>();
  readonly #outlets = new Map<number, OutletPage>();

  constructor(boot: string) {
    this.#boot = boot;
  }

  /** @throws Error if it is none. One of another boot says nothing: nobody who was told then lives. */
  static read({ base, entries }: LedgerText, boot: string): ToldBook {
    const book = new ToldBook(boot);
    const written = packr.unpack(base) as Written;
    if (written.version !== VERSION || written.boot !== boot) return book;
    for (const [number, device] of written.devices) book.#devices.set(number, device);
    for (const [number, key, seq, told, readers, unread, at = 0] of written.outlets) {
      const page = { key, seq, at, told: new Map(told), readers: readers ?? undefined, unread: new Map(unread) };
      book.#outlets.set(number, page);
    }
    for (const entry of entries) book.add(entry);
    for (const [number, device] of book.#devices) book.#devices.set(number, readTold(device));
    return book;
  }

  /** The lowest number that nothing in it has. */
  get free(): number {
    return Math.max(0, ...this.#devices.keys(), ...this.#outlets.keys()) + 1;
  }

  get isEmpty(): boolean {
    return this.#outlets.size === 0;
  }

  /** Their numbers, oldest first. */
  get outlets(): readonly number[] {
    return [...this.#outlets.keys()];
  }

  forget(outlet: number): void {
    this.#outlets.delete(outlet);
  }

  /** Whether it says what a number stands for. */
  knows(device: number): boolean {
    return this.#devices.has(device);
  }

  /** The number of an outlet. */
  find(key: string): number | undefined {
    for (const [number, outlet] of this.#outlets) if (outlet.key === key) return number;
    return undefined;
  }

  /** What it says of an outlet, parents first. */
  remembered(outlet: number): Remembered | undefined {
    const page = this.#outlets.get(outlet);
    if (!page) return undefined;
    const { seq, readers, at } = page;
    return { seq, readers, at, told: this.#devicesOf(page.told), unread: this.#devicesOf(page.unread) };
  }

  /** @throws Error for what is no entry of ours */
  add(entry: LedgerEntry): void {
    if (entry instanceof Uint8Array) this.#record(packr.unpack(entry) as BookRecord);
    else this.#sent(entry);
  }

  /** What is not needed to say what was told is left out. */
  encode(): Uint8Array {
    const used = new Set(
      [...this.#outlets.values()].flatMap(({ told, unread }) => [...told.values(), ...unread.values()]),
    );
    for (const number of this.#devices.keys()) if (!used.has(number)) this.#devices.delete(number);
    this.#moves.clear();
    this.#several.clear();
    const outlets = Array.from(
      this.#outlets,
      ([number, { key, seq, told, readers, unread, at }]) =>
        [number, key, seq, [...told], readers, [...unread], at] as const,
    );
    const written: Written = { version: VERSION, boot: this.#boot, devices: [...this.#devices], outlets };
    return packr.pack(written);
  }

  #record(record: BookRecord): void {
    const number = record[1];
    if (record[0] === "device") this.#devices.set(number, record[2]);
    else if (record[0] === "move") this.#moves.set(number, [record[2], record[3]]);
    else if (record[0] === "several") this.#several.set(number, record[2]);
    else if (record[0] === "outlet") this.#outlets.set(number, newPage(record[2]));
    else if (record[0] === "closed") this.#outlets.delete(number);
    else if (record[0] === "sure") this.#sure(this.#outlets.get(number), record[2], record[3]);
    else if (record[0] === "told" || record[0] === "readers") this.#ofOutlet(record);
    else throw new Error(`a book of another version: ${JSON.stringify(record)}`);
  }

  #ofOutlet(record: Extract<BookRecord, readonly ["told" | "readers", ...unknown[]]>): void {
    const outlet = this.#outlets.get(record[1]);
    if (!outlet) return;
    outlet.unread.clear();
    if (record[0] === "readers") outlet.readers = record[2];
    else {
      outlet.told.clear();
      this.#note(outlet, record[2]);
    }
  }

  /** What it was told there is as it was, under another number: others who were told the same may not be sure of it. */
  #sure(outlet: OutletPage | undefined, number: number, devpath: string): void {
    const device = this.#devices.get(outlet?.told.get(devpath) ?? 0);
    if (!outlet || !device) return;
    const { unsure: _, ...known } = device;
    this.#devices.set(number, known);
    outlet.told.set(devpath, number);
  }

  #sent({ outlet: number, seq, note, at }: Sent): void {
    const outlet = this.#outlets.get(number);
    if (!outlet) return;
    outlet.seq = seq;
    outlet.at = at || outlet.at;
    this.#note(outlet, note);
  }

  /** 0: nothing that lasts; below 0: the device of that number is gone. */
  #note(outlet: OutletPage, note: number): void {
    const number = Math.abs(note);
    const device = this.#devices.get(number);
    const move = this.#moves.get(note);
    if (device) this.#say(outlet, device.devpath, number, note > 0);
    else if (move) this.#move(outlet, move);
    else for (const each of this.#several.get(note) ?? []) this.#note(outlet, each);
  }

  #say({ told, readers, unread }: OutletPage, devpath: string, number: number, isThere: boolean): void {
    if (isThere) told.set(devpath, number);
    else told.delete(devpath);
    if (readers) unread.set(devpath, number);
  }

  #move(outlet: OutletPage, [from, to]: readonly [string, string]): void {
    const isBelow = ([devpath]: readonly [string, number]): boolean =>
      devpath === from || devpath.startsWith(`${from}/`);
    for (const [devpath, number] of [...outlet.unread].filter(isBelow))
      outlet.unread.set(to + devpath.slice(from.length), number); // who has not read that it went has it there now
    for (const [devpath, number] of [...outlet.told].filter(isBelow)) this.#say(outlet, devpath, number, false); // what came along is said next
  }

  #devicesOf(notes: ReadonlyMap<string, number>): readonly ToldDevice[] {
    return [...notes].flatMap(([devpath, number]) => {
      const device = this.#devices.get(number);
      return device ? [{ ...device, devpath }] : [];
    });
  }
}

function newPage(key: string): OutletPage {
  return { key, seq: 0, at: 0, told: new Map(), readers: undefined, unread: new Map() };
}
