import { unescaped } from "./escape.js";
import { getOrMake } from "./get-or-make.js";
import type { Piece } from "./piece.js";
import type { Rule } from "./rule.js";
import type { Term } from "./terms/term.js";

/** One term of a rule, wherever it came from: each still as it is written in a text. */
export interface Entry {
  readonly term: Term;
  /** What stands between ":" and "=" of a keyed term. */
  readonly key: Piece | undefined;
  readonly value: Piece;
  /** The whole term, for errors. */
  readonly whole: Piece;
}

/** The rule that entries make. @throws RuleError */
export function assemble(entries: readonly Entry[], rule: Piece): Rule {
  checkRepeats(entries);
  const byTerm = new Map<Term, Entry[]>();
  for (const entry of entries) getOrMake(byTerm, entry.term, () => []).push(entry);
  const fields = Array.from(byTerm, ([term, mine]) => [term.name, fieldOf(term, mine)]);
  checkAlone(entries, rule);
  return Object.fromEntries(fields) as Rule; // each term's `read` gives its field's type
}

function fieldOf(term: Term, entries: readonly Entry[]): unknown {
  const values = entries.map(({ key, value }) => [unescaped(key?.text ?? ""), term.read(value, key)] as const);
  if (term.form === "keyed") return Object.fromEntries(values);
  if (term.form === "list") return values.map(([, value]) => value);
  return values[0]?.[1];
}

function checkRepeats(entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { term, key, value, whole } of entries) {
    const own = key ?? (term.form === "list" ? value : undefined);
    const id = `${term.name}:${unescaped(own?.text ?? "")}`;
    if (seen.has(id))
      throw whole.fail(`${term.usage} stands here twice`, 'Write "|" between alternatives, or one rule for each.');
    seen.add(id);
  }
}

/** A rule must pick by something, and a preset picks alone. */
function checkAlone(entries: readonly Entry[], rule: Piece): void {
  const preset = entries.some(({ term }) => term.role === "preset");
  const picking = entries.find(({ term }) => term.role === "place" || term.role === "kind");
  if (preset && picking !== undefined)
    throw picking.whole.fail("A preset picks by rules of its own", "Write this term in a rule without preset=.");
  if (preset || picking !== undefined) return;
  throw rule.fail("This rule picks nothing", "Say which devices: /devices alone is all of them.");
}
