import type { Injector } from "@uevent-bridge/kernel";

import type { Account } from "../account.js";
import type { Concern } from "../concern.js";
import type { Limits } from "../limits.js";
import type { Said } from "./preparation.js";
import { Readers } from "./readers.js";
import { Unread } from "./unread.js";
import { Window } from "./window.js";

export interface AudienceParts {
  readonly injector: Pick<Injector, "readers">;
  readonly limits: Limits;
  /** Where it is written down who knows all that was said. */
  readonly account?: Account | undefined;
}

/** Who reads a netlink group, and what each may not have heard. */
export class Audience {
  readonly #injector: AudienceParts["injector"];
  readonly #account: Account | undefined;
  readonly #readers: Readers;
  /** Told since all were last seen to have read everything. */
  readonly #unread = new Unread();
  readonly #window: Window;
  #written = false; // that they know all that was said

  constructor({ injector, limits, account }: AudienceParts) {
    const before = account?.before?.readers;
    this.#injector = injector;
    this.#account = account;
    this.#readers = new Readers(limits.readerMs, before ?? injector.readers());
    this.#window = new Window(limits.readerBytes);
    if (!before) this.#write();
  }

  /** Nobody read at the last look. */
  get isEmpty(): boolean {
    return this.#readers.isEmpty;
  }

  /** False: they are not trusted to hold more. */
  get hasRoom(): boolean {
    return this.#window.hasRoom;
  }

  /** These bytes are said. */
  charge(bytes: Uint8Array): void {
    this.#window.charge(bytes);
  }

  /** They may lose this. */
  remember({ move, concern }: Pick<Said, "move" | "concern">): void {
    this.#written = false;
    if (move) this.#unread.follow(move);
    if (concern) this.#unread.remember(concern);
  }

  /** @param isAll all that is to be said was said */
  look(isAll: boolean): { readonly someoneNew: boolean; readonly lost: number; readonly doubted: readonly Concern[] } {
    const { someoneNew, lost, allRead, fullest } = this.#readers.look(this.#injector.readers());
    const doubted = lost > 0 ? this.#lost() : [];
    if (lost === 0 && allRead) this.#allRead(isAll && !someoneNew);
    this.#window.waits(fullest);
    return { someoneNew, lost, doubted };
  }

  #lost(): readonly Concern[] {
    this.#window.halve();
    this.#written = false;
    return this.#unread.takeAll();
  }

  #allRead(isAll: boolean): void {
    this.#unread.clear();
    this.#window.calm();
    if (isAll && !this.#written) this.#write();
  }

  #write(): void {
    this.#account?.caughtUp(this.#readers.losses);
    this.#written = true;
  }
}
