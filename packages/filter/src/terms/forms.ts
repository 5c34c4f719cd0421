import { splitUnescaped } from "../escape.js";
import { parsePattern } from "../pattern.js";
import type { Piece } from "../piece.js";
import type { Look, Term } from "./term.js";

/** A place or a kind in one row: what it is called and what it sees. */
type Row = Pick<Term, "name" | "also" | "shape"> & Look;

/** A place whose value is a pattern. */
export function place(row: Row): Term {
  return pattern("place", row);
}

/** A kind whose value is a pattern. */
export function kind(row: Row): Term {
  return pattern("kind", row);
}

/** A kind that asks for the value of a KEY; the value may be empty. */
export function keyed(row: Row & { readonly checkKey: (key: Piece) => void }): Term {
  const read = (value: Piece, key: Piece | undefined) => {
    if (key !== undefined) row.checkKey(key);
    parsePattern(value);
    return value.text;
  };
  return { ...row, role: "kind", form: "keyed", usage: `${row.name}:KEY=PATTERN`, look: row, write: asString, read };
}

export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function pattern(role: "place" | "kind", row: Row): Term {
  const usage = `${row.name}=PATTERN`;
  return { ...row, role, form: "value", usage, look: row, write: asString, read: (value) => readPattern(value, usage) };
}

/** The text of a pattern that can match something. */
function readPattern(value: Piece, usage: string): string {
  const empty = splitUnescaped(value, "|").find((piece) => piece.text === "");
  if (empty !== undefined) throw empty.fail("Nothing can match an empty value", `Write ${usage}.`);
  parsePattern(value);
  return value.text;
}
