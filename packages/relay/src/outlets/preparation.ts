import { decode, isMalformed } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { Concern, Move } from "../outlet.js";
import { Waiting } from "../waiting.js";

/** An event that an outlet has taken. */
export interface Said {
  readonly datagram: Datagram;
  /** What a reader knows wrongly if it loses it; undefined for an object that is no device. */
  readonly concern: Concern | undefined;
  move?: Move;
}

export interface PreparationOptions {
  /** Events that may wait. */
  readonly limit: number;
  /** Resolves when what is said with the event is known; undefined if it is already. */
  readonly prepare: (said: Said) => Promise<void> | undefined;
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

  /** False if there is no room for it. */
  add(said: Said): boolean {
    const { at, taken } = pathsOf(said);
    if (!this.#waiting.holds(at, taken)) return this.#waiting.isFull ? false : (this.#admit(said), true);
    return this.#waiting.keep(said, at, taken);
  }

  /** Returns the path that is held from now on because of it, if there is one. */
  #admit(said: Said): string | undefined {
    const prepared = this.#options.prepare(said);
    if (!prepared) {
      this.#options.onReady(said);
      return undefined;
    }
    const { at, taken } = pathsOf(said);
    this.#waiting.hold(...new Set([at, taken ?? at]));
    void prepared.catch(() => undefined).then(() => this.#prepared(said, at)); // what could not be read is left out
    return at;
  }

  #prepared(said: Said, at: string): void {
    const released = this.#waiting.release(at);
    this.#options.onReady(said);
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
