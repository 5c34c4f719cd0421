import { blankForComma, indexOfUnescaped, trimmed, unescaped } from "./escape.js";
import { getOrMake } from "./get-or-make.js";
import type { Piece } from "./piece.js";
import type { Rule } from "./rule.js";
import type { Term } from "./terms/term.js";

/** One term of a rule, wherever it came from. */
export interface Entry {
  readonly term: Term;
  /** Two terms with the same id cannot stand in one rule. */
  readonly id: string;
  /** What stands between ":" and "=" of a keyed term, without escapes. */
  readonly key: string;
  readonly value: unknown;
  /** The whole term as it is written, for errors and for texts. */
  readonly whole: Piece;
}

/** @throws RuleError if the value or the key is not one that the term can have */
export function readEntry(term: Term, key: Piece | undefined, value: Piece, whole: Piece): Entry {
  checkEdges(value);
  if (term.form !== "keyed") checkBlank(value);
  const distinct = key ?? (term.form === "list" ? value : undefined);
  const id = `${term.name}:${unescaped(distinct?.text ?? "")}`;
  return { term, id, key: unescaped(key?.text ?? ""), value: term.read(value, key), whole };
}

/** A value must not end earlier, begin later or look like another thing in a text. */
function checkEdges(value: Piece): void {
  if (indexOfUnescaped(value, ",") < 0 && trimmed(value).text === value.text && !value.text.startsWith("=")) return;
  throw value.fail(
    'A value with a bare ",", or a bare blank or "=" at its edge',
    "Put a backslash before it; a value from outside goes through literal().",
  );
}

/** An attribute or a property may hold any text; of all else such a blank is a slip, and would pick nothing. */
function checkBlank(value: Piece): void {
  const blank = blankForComma(value);
  if (blank)
    throw blank.fail('A blank where a "," is meant', 'Write "," between terms, or "\\ " for the blank itself.');
}

/** The rule that entries make. @throws RuleError */
export function assemble(entries: readonly Entry[], rule: Piece): Rule {
  const assembled = fieldsOf(entries);
  checkAlone(entries, rule);
  return assembled;
}

/** What entries say, be it a rule or words alone. @throws RuleError if one stands there twice */
export function fieldsOf(entries: readonly Entry[]): Rule {
  checkRepeats(entries);
  const byTerm = new Map<Term, Entry[]>();
  for (const entry of entries) getOrMake(byTerm, entry.term, () => []).push(entry);
  const fields = Array.from(byTerm, ([term, mine]) => [term.name, fieldOf(term, mine)]);
  return Object.fromEntries(fields) as Rule; // each term's `read` gives its field's type
}

function fieldOf({ form }: Term, entries: readonly Entry[]): unknown {
  switch (form) {
    case "keyed":
      return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
    case "list":
      return entries.map(({ value }) => value);
    default:
      return entries[0]?.value;
  }
}

function checkRepeats(entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { term, id, whole } of entries) {
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
