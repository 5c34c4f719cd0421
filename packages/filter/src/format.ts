import { assemble, type Entry } from "./entry.js";
import { escapeName, indexOfUnescaped, trimmed } from "./escape.js";
import { checkText } from "./parse.js";
import { Piece } from "./piece.js";
import type { Rule } from "./rule.js";
import { remedyFor, terms, termOf } from "./terms/table.js";
import type { Term } from "./terms/term.js";

/**
 * The text of a rule, in the order of the table of terms. `parseRule` is its inverse.
 *
 * @throws RuleError without `at`, as `checkRule`
 */
export function formatRule(rule: Rule): string {
  return entriesOf(checkRule(rule))
    .map(({ whole }) => whole.text)
    .join(",");
}

/**
 * A rule as `parseRule` would have made it: `/sys` taken off, ids of USB in full, words that are `false` left out.
 *
 * @throws RuleError RULE_SYNTAX, RULE_UNKNOWN_TERM, RULE_UNKNOWN_PRESET, without `at`
 */
export function checkRule(rule: Rule): Rule {
  const entries = entriesOf(rule);
  const checked = assemble(entries, Piece.ofField("", "rule"));
  checkText(Piece.ofField(entries.map(({ whole }) => whole.text).join(","), "rule"));
  return checked;
}

function entriesOf(rule: Rule): Entry[] {
  const unknown = Object.keys(rule).find((name) => termOf(name) === undefined);
  if (unknown !== undefined)
    throw Piece.ofField("", unknown).fail("There is no such term", remedyFor(unknown), "RULE_UNKNOWN_TERM");
  return terms.flatMap((term) => entriesOfField(term, rule[term.name]));
}

function entriesOfField(term: Term, value: unknown): Entry[] {
  if (value === undefined || (term.form === "flag" && value === false)) return [];
  if (term.form === "list" && Array.isArray(value)) return value.map((item) => entryOf(term, undefined, item));
  if (term.form !== "keyed") return [entryOf(term, undefined, value)];
  if (typeof value !== "object" || value === null) throw wrongType(term);
  return Object.keys(value)
    .toSorted()
    .map((key) => entryOf(term, key, (value as Record<string, unknown>)[key]));
}

function entryOf(term: Term, key: string | undefined, value: unknown): Entry {
  const written = term.write(value);
  if (written === undefined) throw wrongType(term);
  const name = key === undefined ? term.name : `${term.name}:${escapeName(key)}`;
  const piece = Piece.ofField(written, name);
  checkText(piece);
  checkValue(piece);
  const text = term.form === "path" ? written : term.form === "flag" ? name : `${name}=${written}`;
  const keyPiece = key === undefined ? undefined : Piece.ofField(escapeName(key), name);
  return { term, key: keyPiece, value: piece, whole: Piece.ofField(text, name) };
}

/** What a text could not say without escapes. */
function checkValue(value: Piece): void {
  if (indexOfUnescaped(value, ",") < 0 && trimmed(value).text === value.text && !value.text.startsWith("=")) return;
  throw value.fail(
    'An unescaped ",", "=" or blank where a text would end',
    "A value from outside goes through literal().",
  );
}

function wrongType(term: Term) {
  return Piece.ofField("", term.name).fail("This value has the wrong type", `In a text it is ${term.usage}.`);
}
