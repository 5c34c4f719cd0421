import type { Condition } from "../condition.js";
import { Unread, type Facts } from "../facts.js";
import { getOrMake } from "../get-or-make.js";
import type { Look } from "../terms/term.js";
import { PatternIndex } from "./pattern-index.js";

export interface Visitor<T> {
  /** Items whose anchor holds for the device. */
  readonly found: (items: Iterable<T>) => void;
  /** Items whose anchor, and that of others like them, waits for the value of an attribute of `at`. */
  readonly unread: (items: Iterable<T>, at: Facts) => void;
}

/** Items that are anchored on one key of one term (`driver`, `attr:serial`), by the pattern that they have there. */
export class Slot<T> {
  readonly #look: Look;
  readonly #key: string;
  readonly #index = new PatternIndex<Set<T>>();
  /** By all that they ask for beside this key: while its value is unread, one of each group answers for the others. */
  readonly #groups = new Map<string, Set<T>>();

  constructor(look: Look, key: string) {
    this.#look = look;
    this.#key = key;
  }

  get isEmpty(): boolean {
    return this.#index.isEmpty;
  }

  add({ pattern }: Condition, rest: string, item: T): void {
    for (const alternative of pattern) {
      const items = this.#index.get(alternative);
      if (items === undefined) this.#index.set(alternative, new Set([item]));
      else items.add(item);
    }
    getOrMake(this.#groups, rest, () => new Set()).add(item);
  }

  delete({ pattern }: Condition, rest: string, item: T): void {
    for (const alternative of pattern) {
      const items = this.#index.get(alternative);
      items?.delete(item);
      if (items?.size === 0) this.#index.delete(alternative);
    }
    const group = this.#groups.get(rest);
    group?.delete(item);
    if (group?.size === 0) this.#groups.delete(rest);
  }

  /** How many others would be looked at together with an item that stood here. */
  crowd({ pattern }: Condition): number {
    return Math.max(...pattern.map((each) => (this.#index.get(each)?.size ?? 0) + this.#index.crowd(each)));
  }

  /** Visits the items whose pattern matches a value of the device, or, while that is unread, one of each group. */
  find(device: Facts, { found, unread }: Visitor<T>): void {
    const values = this.#look.values(device, this.#key);
    if (typeof values === "string") this.#index.find(values, found);
    else if (values === Unread) unread(Array.from(this.#groups.values(), firstOf), device);
    else for (const value of values ?? []) this.#index.find(value, found);
  }
}

function firstOf<T>(group: ReadonlySet<T>): T {
  const [first] = group;
  return first as T; // no group is empty
}
