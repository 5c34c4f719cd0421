import { readEntry, type Entry } from "./entry.js";
import { escapeName } from "./escape.js";
import { checkText } from "./parse.js";
import { Piece } from "./piece.js";
import type { Rule } from "./rule.js";
import { remedyFor, termOf } from "./terms/table.js";
import type { Term } from "./terms/term.js";

/** The terms of a rule that was given as an object. @throws RuleError if a field is none or has the wrong type */
export function readFields(rule: Rule): Entry[] {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) throw notARule();
  return Object.entries(rule).flatMap(([name, value]) => entriesOfField(termOf(name) ?? unknown(name), value));
}

function entriesOfField(term: Term, value: unknown): Entry[] {
  if (value === undefined || (term.form === "flag" && value === false)) return [];
  if (term.form === "list") return listOf(term, value).map((item) => entryOf(term, undefined, item));
  if (term.form !== "keyed") return [entryOf(term, undefined, value)];
  if (typeof value !== "object" || value === null) throw wrongType(term);
  return Object.keys(value)
    .toSorted()
    .map((key) => entryOf(term, key, (value as Record<string, unknown>)[key]));
}

function listOf(term: Term, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(term);
  return value;
}

function entryOf(term: Term, key: string | undefined, value: unknown): Entry {
  const written = term.write(value);
  if (written === undefined) throw wrongType(term);
  const name = key === undefined ? term.name : `${term.name}:${escapeName(key)}`;
  const piece = Piece.ofField(written, name);
  checkText(piece);
  const text = term.form === "path" ? written : term.form === "flag" ? name : `${name}=${written}`;
  const keyPiece = key === undefined ? undefined : Piece.ofField(escapeName(key), name);
  return readEntry(term, keyPiece, piece, Piece.ofField(text, name));
}

function unknown(name: string): never {
  throw Piece.ofField("", name).fail("There is no such term", remedyFor(name), "RULE_UNKNOWN_TERM");
}

function wrongType(term: Term) {
  return Piece.ofField("", term.name).fail("This value has the wrong type", `In a text it is ${term.usage}.`);
}

/** For those who have no types. */
function notARule() {
  return Piece.ofField("", "rule").fail("This is no rule", "A rule is a text or an object with its terms as fields.");
}
