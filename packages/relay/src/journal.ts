import type { Ledger, LedgerEntry, LedgerText } from "@uevent-bridge/kernel";
import { SENT_BYTES } from "@uevent-bridge/kernel";

import { Account } from "./account.js";
import { Entry } from "./entry.js";
import type { News, Numbered } from "./entry.js";
import type { BridgeError } from "./errors.js";
import { troubleOf } from "./errors.js";
import type { KnownDevice } from "./known-device.js";
import type { BookRecord } from "./told-book.js";
import { ToldBook, packRecord } from "./told-book.js";
import type { SaidAs, Version } from "./version.js";
import { identified, isCurrent, versionOf } from "./version.js";

/** Bytes that a record takes in a ledger beside its own. */
const RECORD_BYTES = 16;
/** Of the record that an outlet takes something as told. */
const TOLD_BYTES = 64;
/** A note of what lasts no longer than it takes to read it. */
const NOTHING = 0;
/** Outlets of a relay before that nobody has opened since: the oldest beyond are forgotten. */
const LEFT_MAX = 128;

export interface JournalParts {
  readonly ledger: Ledger;
  readonly boot: string;
  /** Sends what was pushed: it refers to what is written down by now. */
  readonly flush: () => void;
  /** SEQNUM of the host's last event. */
  readonly position: () => number;
  /** What was there cannot be read, or nothing can be written any more. */
  readonly onTrouble: (trouble: "damaged" | BridgeError) => void;
}

/** What the outlets of one container were told, written down for the relay that comes after this one. */
export class Journal {
  readonly #parts: JournalParts;
  readonly #book: ToldBook;
  /** Of the relay before, oldest first. */
  readonly #left: Set<number>;
  readonly #versions = new WeakMap<KnownDevice["life"], Version>();
  readonly #written = new Set<Version>(); // since it began anew
  #next: number;
  #room = 0;
  #state: "open" | "ending" | "stopped" = "open";

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#book = this.#read(parts.ledger.before);
    this.#left = new Set(this.#book.outlets);
    this.#next = this.#book.free;
    this.#beginWith(() => this.#forgetOldest(), 0); // the book has what the ledger says already
  }

  /** Of the outlet to whom `key` names, with what a relay before told it. */
  open(key: string): Account {
    const number = this.#book.find(key);
    if (number !== undefined && this.#left.delete(number))
      return new Account(this, number, this.#book.remembered(number));
    const outlet = this.#next++;
    this.write(["outlet", outlet, key]);
    return new Account(this, outlet, undefined);
  }

  /** What is said of a device now. */
  version(device: KnownDevice, said: SaidAs): Version {
    const known = this.#versions.get(device.life);
    if (known && isCurrent(known, device, said)) return known;
    const version = versionOf(this.#next++, device, said);
    this.#versions.set(device.life, version);
    if (device.unsure) (device.onIdentified ??= []).push(() => this.#identify(version, device));
    return version;
  }

  get position(): number {
    return this.#parts.position();
  }

  /** For datagrams that are pushed at once. What was pushed before may be sent first. */
  marks(outlet: number, datagrams: readonly Numbered[]): readonly Entry[] {
    if (this.#state === "stopped") return [];
    const bytes = datagrams.length * SENT_BYTES;
    const notes = this.#write((records) => datagrams.map(({ news }) => this.#noteOf(news, records)), bytes);
    this.#room -= bytes;
    const at = this.position;
    return datagrams.map((each, i) => new Entry(this.#parts.ledger, outlet, notes[i] ?? NOTHING, { at, ...each }));
  }

  /** It takes these as told, and nothing else. */
  told(outlet: number, news: readonly News[]): void {
    if (this.#state !== "open") return;
    const note = this.#write((records) => this.#noteOf(news, records), RECORD_BYTES + TOLD_BYTES);
    this.write(["told", outlet, note]);
  }

  /** What was written down as unsure is sure. */
  sure(outlet: number, devpath: string): void {
    this.write(["sure", outlet, this.#next++, devpath]);
  }

  write(record: BookRecord): void {
    if (this.#state !== "open") return;
    const bytes = packRecord(record);
    if (costOf([bytes]) > this.#room) this.#begin(costOf([bytes]));
    this.#put(bytes);
  }

  /** What is closed from now on is not forgotten. */
  end(): void {
    if (this.#state === "open") this.#state = "ending";
  }

  /** @param keeps what it says is for the next relay, also if it cannot be summed up; else it is gone */
  close(keeps: boolean): void {
    if (this.#state === "stopped") return;
    const isSummedUp = this.#begin(0, () => undefined);
    this.#stop(keeps && !(isSummedUp && this.#book.isEmpty));
  }

  #read(before: LedgerText | "damaged" | undefined): ToldBook {
    const { boot, onTrouble } = this.#parts;
    try {
      if (before !== "damaged") return before ? ToldBook.read(before, boot) : new ToldBook(boot);
    } catch {
      // what does not say what we write is damaged too
    }
    onTrouble("damaged");
    return new ToldBook(boot);
  }

  /** Writes what notes refer to, and has so much room behind it. Returns the notes. */
  #write<T>(compose: (records: Uint8Array[]) => T, room: number): T {
    let records: Uint8Array[] = [];
    let notes = compose(records);
    if (costOf(records) + room > this.#room) {
      this.#begin(costOf(records) + room);
      notes = compose((records = []));
    }
    for (const record of records) this.#put(record);
    return notes;
  }

  /** @param records to which those are added that say what the note means */
  #noteOf(news: News | undefined, records: Uint8Array[]): number {
    if (!news) return NOTHING;
    if ("version" in news) {
      this.#need(news.version, records);
      return news.isGone ? -news.version.number : news.version.number;
    }
    const notes = "from" in news ? undefined : news.map((each) => this.#noteOf(each, records));
    const number = this.#next++;
    records.push(packRecord("from" in news ? ["move", number, news.from, news.to] : ["several", number, notes ?? []]));
    return number;
  }

  #need(version: Version, records: Uint8Array[]): void {
    if (this.#isWritten(version)) return;
    this.#written.add(version);
    records.push(packRecord(["device", version.number, version.device]));
  }

  #identify(version: Version, device: KnownDevice): void {
    version.device = identified(version.device, device);
    if (this.#isWritten(version)) this.write(["device", version.number, version.device]); // in place of what it said
  }

  #isWritten(version: Version): boolean {
    return this.#written.has(version) || this.#book.knows(version.number);
  }

  /** Sums up what was written, and has room for so many bytes. What a version says is written again where the sum does not say it. */
  #begin(room: number, onTrouble?: (trouble: BridgeError) => void): boolean {
    return this.#beginWith(() => this.#sumUp(this.#parts.ledger.read()), room, onTrouble);
  }

  #beginWith(sumUp: () => void, room: number, onTrouble = (trouble: BridgeError) => this.#fail(trouble)): boolean {
    const { ledger, flush } = this.#parts;
    flush();
    try {
      sumUp();
      this.#written.clear();
      ledger.begin(this.#book.encode(), room);
      this.#room = ledger.room;
      return true;
    } catch (error) {
      onTrouble(troubleOf(error));
      return false;
    }
  }

  #fail(trouble: BridgeError): void {
    this.#stop(false);
    this.#parts.onTrouble(trouble);
  }

  /** What was sent without being written down is not known: then those outlets are as if they were new. */
  #sumUp(entries: readonly LedgerEntry[] | undefined): void {
    if (entries) for (const entry of entries) this.#book.add(entry);
    else for (const outlet of this.#book.outlets) this.#book.forget(outlet);
  }

  #forgetOldest(): void {
    for (const outlet of [...this.#left].slice(0, Math.max(0, this.#left.size - LEFT_MAX))) this.#book.forget(outlet);
  }

  #put(record: Uint8Array): void {
    this.#room -= record.length + RECORD_BYTES;
    this.#parts.ledger.write(record);
  }

  #stop(keeps: boolean): void {
    this.#state = "stopped";
    this.#parts.ledger.close(keeps);
  }
}

function costOf(records: readonly Uint8Array[]): number {
  return records.reduce((sum, { length }) => sum + length + RECORD_BYTES, 0);
}
