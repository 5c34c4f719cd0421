import { createHash } from "node:crypto";

import type { Device } from "@uevent-bridge/relay";

import { History } from "../history.js";

/** All that anybody was told, in order. */
export class Trace {
  readonly #hash = createHash("sha1");
  /** How many events. */
  events = 0;

  add(who: string, event: Uint8Array): void {
    this.events++;
    this.#hash.update(who);
    this.#hash.update(event);
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

/** Where datagrams come from. */
export interface Readable {
  read(): Uint8Array | undefined;
}

export interface EarOptions<From extends Readable> {
  readonly name: string;
  readonly from: From;
  /** Each datagram has a SEQNUM that the relay gave it. */
  readonly numbered: boolean;
  /** The events in a datagram. */
  readonly eventsIn: (bytes: Uint8Array) => readonly Uint8Array[];
}

/** A program that is told, and what it was told so far. */
export class Ear<From extends Readable = Readable> {
  readonly name: string;
  readonly from: From;
  readonly history: History;
  readonly #eventsIn: EarOptions<From>["eventsIn"];
  readonly #trace: Trace;

  constructor({ name, from, numbered, eventsIn }: EarOptions<From>, trace: Trace) {
    this.name = name;
    this.from = from;
    this.history = new History(numbered);
    this.#eventsIn = eventsIn;
    this.#trace = trace;
  }

  /** Each path with who is there, and how that is. */
  get told(): string[] {
    const { told, said } = this.history;
    return Array.from(told, ([devpath, diskseq]) => lineOf(devpath, diskseq, said.get(devpath)));
  }

  /** Sentences. */
  get faults(): string[] {
    return this.history.faults.map((fault) => `${this.name}: ${fault}`);
  }

  /** These are known to it from before. */
  knows(devices: readonly Device[]): void {
    for (const { devpath, properties } of devices) {
      this.history.told.set(devpath, properties.get("DISKSEQ") ?? "");
      this.history.said.set(devpath, properties);
    }
  }

  /** Reads one datagram; false if there is none. */
  read(): boolean {
    const bytes = this.from.read();
    for (const event of bytes ? this.#eventsIn(bytes) : []) {
      this.#trace.add(this.name, event);
      this.history.hear(event);
    }
    return bytes !== undefined;
  }

  readAll(): void {
    while (this.read());
  }
}

function lineOf(devpath: string, diskseq: string, said?: ReadonlyMap<string, string>): string {
  return `${devpath} ${diskseq} ${said?.get("MOOD") ?? "none"} ${said?.get("DRIVER") ?? "none"}`;
}
