import { createHash } from "node:crypto";

import type { FakeListener, FakeReader } from "@uevent-bridge/kernel/testing";

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

export interface EarOptions {
  readonly name: string;
  readonly from: FakeListener | FakeReader;
  /** Each datagram has a SEQNUM that the relay gave it. */
  readonly numbered: boolean;
  /** The events in a datagram. */
  readonly eventsIn: (bytes: Uint8Array) => readonly Uint8Array[];
}

/** A program that is told, and what it was told so far. */
export class Ear {
  readonly name: string;
  readonly from: FakeListener | FakeReader;
  readonly history: History;
  readonly #eventsIn: EarOptions["eventsIn"];
  readonly #trace: Trace;

  constructor({ name, from, numbered, eventsIn }: EarOptions, trace: Trace) {
    this.name = name;
    this.from = from;
    this.history = new History(numbered);
    this.#eventsIn = eventsIn;
    this.#trace = trace;
  }

  /** Each path with the DISKSEQ of who is there. */
  get told(): string[] {
    return Array.from(this.history.told, (each) => each.join(" "));
  }

  /** Sentences. */
  get faults(): string[] {
    return this.history.faults.map((fault) => `${this.name}: ${fault}`);
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
