import type { Concern, Move } from "../concern.js";

/** Paths of which it is remembered that somebody may not have read of them. */
const UNREAD_PATHS = 4096;

/** What readers know wrongly if they lost what was told last: one thing for each path. */
export class Unread {
  readonly #byPath = new Map<string, Concern>();

  /**
   * Who lost the `move` has to be told that nothing is left where it came from. Who lost something before it, but not the `move`,
   * took along what it knew wrongly.
   */
  follow({ from, to, left }: Move): void {
    const taken = [...this.#byPath.values()].filter(
      ({ devpath }) => devpath === from || devpath.startsWith(`${from}/`),
    );
    for (const concern of taken) this.remember({ ...concern, devpath: to + concern.devpath.slice(from.length) });
    for (const concern of left) this.remember(concern);
  }

  remember(concern: Concern): void {
    const before = this.#byPath.get(concern.devpath);
    const isSaid = concern.doubt === "state" && before?.device === concern.device;
    this.#byPath.delete(concern.devpath); // so that the one that was told last is the last
    this.#byPath.set(concern.devpath, isSaid ? before : concern);
    if (this.#byPath.size <= UNREAD_PATHS) return;
    const [oldest] = this.#byPath.keys(); // somebody has not read for very long
    if (oldest) this.#byPath.delete(oldest);
  }

  /** Forgets all, and returns it in the order in which it was told. */
  takeAll(): readonly Concern[] {
    const all = [...this.#byPath.values()];
    this.clear();
    return all;
  }

  clear(): void {
    this.#byPath.clear();
  }
}
