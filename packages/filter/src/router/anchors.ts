import type { Anchor, Picker } from "../compile.js";
import type { Condition } from "../condition.js";
import type { Facts } from "../facts.js";
import { getOrMake } from "../get-or-make.js";
import type { PathPattern } from "../path.js";
import type { Term } from "../terms/term.js";
import { PathTrie } from "./path-trie.js";
import { Slot, type Visitor } from "./slot.js";

/** What is anchored: found again by the anchor that `choose` gave. */
export interface Anchored {
  readonly picker: Picker;
  readonly anchor: Anchor;
}

/** A path that is shorter is likely to be that of a whole class of devices: `/devices/virtual/block`. */
const DEEP = 4;

/** Everything that is indexed, each under the one part of it that the fewest devices and the fewest others share. */
export class Anchors<T extends Anchored> {
  readonly #paths = new PathTrie<T>();
  readonly #slots = new Map<Term, Map<string, Slot<T>>>();

  /** Where to put a rule, as things stand now. */
  choose({ path, conditions }: Picker): Anchor {
    const choices = path === undefined ? [] : [{ anchor: path as Anchor, cost: this.#costOfPath(path) }];
    for (const condition of conditions) choices.push({ anchor: condition, cost: this.#costOf(condition) });
    return choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best)).anchor;
  }

  add(item: T): void {
    const { anchor, picker } = item;
    if (isPath(anchor)) this.#paths.add(anchor, item);
    else this.#slot(anchor).add(anchor, restOf(picker, anchor), item);
  }

  delete(item: T): void {
    const { anchor, picker } = item;
    if (isPath(anchor)) return this.#paths.delete(anchor, item);
    const slots = this.#slots.get(anchor.term);
    const slot = slots?.get(anchor.key);
    slot?.delete(anchor, restOf(picker, anchor), item);
    if (slot?.isEmpty) slots?.delete(anchor.key);
    if (slots?.size === 0) this.#slots.delete(anchor.term);
  }

  /** Visits all items whose anchor holds for the device; some more than once. */
  find(device: Facts, visitor: Visitor<T>): void {
    this.#paths.find(device.devpath, visitor.found);
    for (const [term, slots] of this.#slots) {
      const last = term.role === "place" ? undefined : device.parent;
      for (let at: Facts | undefined = device; at !== last && at !== undefined; at = at.parent)
        findAt(term, slots, at, visitor);
    }
  }

  #slot({ term, look, key }: Condition): Slot<T> {
    const slots = getOrMake(this.#slots, term, () => new Map<string, Slot<T>>());
    return getOrMake(slots, key, () => new Slot<T>(look, key));
  }

  #costOfPath(path: PathPattern): number {
    const shallow = path.segments.length < DEEP || path.segments.includes("**");
    return this.#paths.crowd(path) * 4 + (shallow ? 2 : 0);
  }

  /** Few others first; then the rarer value; a pattern that begins with a wildcard is tried for every device. */
  #costOf(condition: Condition): number {
    const crowd = this.#slots.get(condition.term)?.get(condition.key)?.crowd(condition) ?? 0;
    const everywhere = condition.pattern.some(({ exact, prefix }) => exact === undefined && prefix === "");
    return crowd * 4 + condition.look.shared + (everywhere ? 4 : 0);
  }
}

function findAt<T>(term: Term, slots: ReadonlyMap<string, Slot<T>>, at: Facts, visitor: Visitor<T>): void {
  const keys = term.look?.keysOf?.(at);
  if (keys === undefined) for (const slot of slots.values()) slot.find(at, visitor);
  else for (const key of keys) slots.get(key)?.find(at, visitor);
}

function isPath(anchor: Anchor): anchor is PathPattern {
  return "segments" in anchor;
}

/** All that a rule asks for beside one condition. */
function restOf({ path, conditions }: Picker, but: Condition): string {
  const others = conditions.filter((condition) => condition !== but).map((condition) => textOf(condition));
  return [path?.segments.map((segment) => (segment === "**" ? segment : segment.text)).join("/"), ...others].join(",");
}

function textOf({ term, key, pattern }: Condition): string {
  return `${term.name}:${key}=${pattern.map((alternative) => alternative.text).join("|")}`;
}
