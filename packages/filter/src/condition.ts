import { Unread, type Facts, type OnUnread } from "./facts.js";
import { matches, type Pattern } from "./pattern.js";
import type { Look, Term } from "./terms/term.js";

/** A place or kind other than a path, with its pattern compiled. */
export interface Condition {
  readonly term: Term;
  readonly look: Look;
  readonly key: string;
  readonly pattern: Pattern;
}

/** Unread: an attribute that has not been read decides. */
export function holds(condition: Condition, device: Facts): boolean | Unread {
  if (condition.term.role === "kind") return holdsAt(condition, device);
  let answer: boolean | Unread = false;
  for (let here: Facts | undefined = device; here !== undefined; here = here.parent) {
    const held = holdsAt(condition, here);
    if (held === true) return true;
    if (held === Unread) answer = Unread;
  }
  return answer;
}

/** Says which attributes must be read before this condition can decide. */
export function sayUnread(condition: Condition, device: Facts, unread: OnUnread): void {
  const attribute = condition.look.attribute?.(condition.key);
  if (attribute === undefined) return;
  const last = condition.term.role === "kind" ? device.parent : undefined;
  for (let here: Facts | undefined = device; here !== last && here !== undefined; here = here.parent)
    if (holdsAt(condition, here) === Unread) unread(here, attribute);
}

function holdsAt({ look, key, pattern }: Condition, device: Facts): boolean | Unread {
  const values = look.values(device, key);
  if (values === Unread) return Unread;
  if (typeof values === "string") return matches(pattern, values);
  return values?.some((value) => matches(pattern, value)) ?? false;
}
