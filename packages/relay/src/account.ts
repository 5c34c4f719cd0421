import type { Mark } from "@uevent-bridge/kernel";

import type { Concern } from "./concern.js";
import type { News, Numbered } from "./entry.js";
import type { Journal } from "./journal.js";
import type { Version } from "./version.js";
import type { KnownDevice } from "./known-device.js";
import type { Outlet } from "./outlet.js";
import type { View } from "./view.js";
import type { CaughtUp, Remembered } from "./told-book.js";

/** What one outlet was told. */
export class Account {
  /** What a relay before told whom it speaks to. */
  readonly before: Remembered | undefined;
  readonly #journal: Journal;
  readonly #outlet: number;

  constructor(journal: Journal, outlet: number, before: Remembered | undefined) {
    this.#journal = journal;
    this.#outlet = outlet;
    this.before = before;
  }

  /** What its receiver knows once it has been sent that: after a move, all that came along of what it was told. */
  news(concern: Concern, outlet: Pick<Outlet, "hasTold">, nameOf: View["nameOf"]): News {
    const { device, devpath, from, gone = false, isLate = false } = concern;
    const version = (each: KnownDevice, at: string, isDoubted = false): Version =>
      this.#journal.version(each, { devpath: at, name: nameOf?.(each), isDoubted });
    if (from === undefined) return { version: version(device, devpath, isLate), isGone: gone };
    const along = [...device.node.devices()].filter((each) => outlet.hasTold(each));
    return [
      { from, to: devpath },
      ...along.map((each) => ({ version: version(each, each.devpath, each === device && isLate), isGone: false })),
    ];
  }

  /** SEQNUM of the host's last event. */
  get position(): number {
    return this.#journal.position;
  }

  /** To be pushed with these, at once. What was pushed before may be sent first. */
  marks(datagrams: readonly Numbered[]): readonly Mark[] {
    return this.#journal.marks(this.#outlet, datagrams);
  }

  /** It takes these as told, each under its path, and nothing else; of what is in doubt the properties are not known. */
  takes(
    told: ReadonlyMap<KnownDevice, string>,
    doubts: ReadonlyMap<KnownDevice, unknown>,
    nameOf: View["nameOf"],
  ): void {
    const news = Array.from(told, ([device, devpath]) => {
      const said = { devpath, name: nameOf?.(device), isDoubted: doubts.has(device) };
      return { version: this.#journal.version(device, said), isGone: false };
    });
    this.#journal.told(this.#outlet, news);
  }

  /** What it was told of at this path is surely that one. */
  sure(devpath: string): void {
    this.#journal.sure(this.#outlet, devpath);
  }

  /** Its readers know all that was said, and what they had lost was made good. */
  caughtUp(readers: CaughtUp): void {
    this.#journal.write(["readers", this.#outlet, readers]);
  }

  /** Nobody is there any more. */
  close(): void {
    this.#journal.write(["closed", this.#outlet]);
  }
}
