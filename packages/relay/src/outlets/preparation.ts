import { decode, isMalformed } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { copied, payload } from "../datagram.js";
import type { News } from "../entry.js";
import type { Concern, Move } from "../concern.js";
import { Waiting } from "../waiting.js";
import type { Budget } from "./budget.js";
import type { Form } from "./form.js";

/** An event that an outlet has taken. */
export interface Said {
  readonly datagram: Datagram;
  /** What a reader knows wrongly if it loses it; undefined for an object that is no device. */
  readonly concern: Concern | undefined;
  /** What its receiver knows then, where that is written down. */
  readonly news?: News | undefined;
  move?: Move;
}

export interface PreparationOptions {
  /** Events that may wait. */
  readonly limit: number;
  /** Bytes of the receiver that they may take. */
  readonly budget: Budget;
  readonly prepare: NonNullable<Form["prepare"]>;
  readonly onReady: (said: Said) => void;
}

/** Where events wait until it is known what is said with them; those of other devices go on. */
export class Preparation {
  readonly #options: PreparationOptions;
  readonly #waiting: Waiting<Said>;

  constructor(options: PreparationOptions) {
    this.#options = options;
    this.#waiting = new Waiting(options.limit);
  }

  get isEmpty(): boolean {
    return this.#waiting.isEmpty;
  }

  /** Takes an event that is copied; undefined if there is no room for it. */
  add(datagram: Datagram, concern: Concern | undefined, news?: News): Said | undefined {
    const { budget } = this.#options;
    if (!budget.makeRoom()) return undefined;
    const said = { datagram: copied(datagram), concern, news };
    budget.take(said.datagram.bytes); // until it is ready
    if (this.#add(said)) return said;
    budget.give(said.datagram.bytes);
    return undefined;
  }

  #add(said: Said): boolean {
    const { at, taken } = pathsOf(said);
    if (this.#waiting.holds(at, taken)) return this.#waiting.keep(said, at, taken);
    if (this.#waiting.isFull) return false;
    this.#admit(said);
    return true;
  }

  /** Returns the path that is held from now on because of it, if there is one. */
  #admit(said: Said): string | undefined {
    const prepared = this.#options.prepare(said.datagram, said.concern?.device);
    if (!prepared) {
      this.#ready(said);
      return undefined;
    }
    const { at, taken } = pathsOf(said);
    this.#waiting.hold(...new Set([at, taken ?? at]));
    void prepared.catch(() => undefined).then(() => this.#prepared(said, at)); // what could not be read is left out
    return at;
  }

  #ready(said: Said): void {
    this.#options.budget.give(said.datagram.bytes);
    this.#options.onReady(said);
  }

  #prepared(said: Said, at: string): void {
    const released = this.#waiting.release(at);
    this.#ready(said);
    for (const [i, { item }] of released.kept.entries()) {
      const held = this.#admit(item);
      if (held !== undefined) return this.#waiting.holdAgain(held, released, i + 1);
    }
  }
}

/** Where an event happens, and the path at which nothing is any more behind it. */
function pathsOf({ datagram }: Said): { readonly at: string; readonly taken?: string | undefined } {
  const event = decode(payload(datagram));
  if (isMalformed(event)) return { at: "" };
  const { action, devpath } = event;
  if (action === "remove") return { at: devpath, taken: devpath };
  return { at: devpath, taken: action === "move" ? event.get("DEVPATH_OLD") : undefined };
}
