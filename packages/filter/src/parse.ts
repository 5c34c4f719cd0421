import { assemble, readEntry, type Entry } from "./entry.js";
import { indexOfUnescaped, splitUnescaped, trimmed } from "./escape.js";
import { Piece } from "./piece.js";
import type { Rule } from "./rule.js";
import { readDevShorthand } from "./shorthand.js";
import { path as pathTerm } from "./terms/path.js";
import { remedyFor, termOf } from "./terms/table.js";

/** The longest rule, in UTF-16 code units of its text. */
export const MAX_RULE_LENGTH = 4096;

/**
 * The rule that a text says. `formatRule` is its inverse.
 *
 * @throws RuleError RULE_SYNTAX, RULE_UNKNOWN_TERM, RULE_UNKNOWN_PRESET; `at` says where in the text
 * @example
 * parseRule("port=1-1.3, subsystem=tty"); // { port: "1-1.3", subsystem: "tty" }
 */
export function parseRule(text: string): Rule {
  return assemble(readText(text), Piece.ofText(text));
}

/** The terms of a text. @throws RuleError if one is not written as terms are */
export function readText(text: string): Entry[] {
  const rule = Piece.ofText(text);
  checkText(rule);
  return splitUnescaped(rule, ",").map(trimmed).map(readTerm);
}

/** What is wrong whatever the terms are. */
export function checkText(piece: Piece): void {
  if (piece.text.length > MAX_RULE_LENGTH)
    throw piece.fail(`A rule has at most ${MAX_RULE_LENGTH} characters`, "Write several rules.");
  const nul = piece.text.indexOf("\0");
  if (nul >= 0) throw piece.slice(nul, nul + 1).fail("No value has a NUL", "Take it out.");
  if (/^(?:[^\\]|\\.)*\\$/su.test(piece.text))
    throw piece
      .slice(piece.text.length - 1)
      .fail("A backslash escapes the character after it, and there is none", 'Write "\\\\" for the backslash itself.');
}

function readTerm(whole: Piece): Entry {
  if (whole.text === "") throw whole.fail("This term is empty", 'Write a term, or take the "," out.');
  if (/^\/dev(\/|$)/.test(whole.text)) return readDevShorthand(whole);
  if (whole.text.startsWith("/")) return readEntry(pathTerm, undefined, whole, whole);
  const equals = indexOfUnescaped(whole, "=");
  return equals === -1 ? readFlag(whole) : readPair(whole, equals);
}

function readFlag(whole: Piece): Entry {
  const term = termOf(whole.text) ?? unknown(whole);
  if (term.form !== "flag") throw whole.fail(`${whole.quoted} has no value`, `Write ${term.usage}.`);
  return readEntry(term, undefined, whole.slice(whole.text.length), whole);
}

function readPair(whole: Piece, equals: number): Entry {
  const head = whole.slice(0, equals);
  const value = whole.slice(equals + 1);
  checkOperator(whole, head, value, equals);
  const colon = indexOfUnescaped(head, ":");
  const name = colon === -1 ? head : head.slice(0, colon);
  const term = termOf(name.text) ?? unknown(head, name);
  if (term.form === "flag" || term.form === "path")
    throw whole.fail(`"${term.name}" is not written with "="`, `Write ${term.usage}.`);
  if ((term.form === "keyed") !== (colon !== -1))
    throw head.fail(`This is not how "${term.name}" is written`, `Write ${term.usage}.`);
  return readEntry(term, colon === -1 ? undefined : head.slice(colon + 1), value, whole);
}

function checkOperator(whole: Piece, head: Piece, value: Piece, equals: number): void {
  if (head.text.endsWith("!"))
    throw whole.slice(equals - 1, equals + 1).fail('There is no "!="', 'Write a deny rule with this term and "=".');
  if (value.text.startsWith("="))
    throw whole
      .slice(equals, equals + 2)
      .fail('There is no "=="', 'Write "=", or "=\\=" for a value that begins with it.');
  const blank = trimmed(head).text !== head.text ? head.slice(-1) : value.slice(0, 1);
  if (trimmed(blank).text !== blank.text)
    throw blank.fail('A blank beside "="', 'Take it out, or write "\\ " if the value begins with it.');
}

function unknown(piece: Piece, name = piece): never {
  throw piece.fail(`There is no term ${name.quoted}`, remedyFor(name.text), "RULE_UNKNOWN_TERM");
}
