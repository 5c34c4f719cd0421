import { splitUnescaped } from "../escape.js";
import { parsePattern } from "../pattern.js";
import type { Piece } from "../piece.js";
import type { Look, Term } from "./term.js";

type Row = Pick<Term, "name" | "also" | "shape">;

/** A place or a kind whose value is a pattern. */
export function pattern(role: "place" | "kind", row: Row, look: Look): Term {
  const usage = `${row.name}=PATTERN`;
  return { ...row, role, form: "value", usage, look, write: asString, read: (value) => readPattern(value, usage) };
}

/** A kind that asks for the value of a KEY; the value may be empty. */
export function keyed(row: Row, checkKey: (key: Piece) => void, look: Look): Term {
  const read = (value: Piece, key: Piece | undefined) => {
    if (key !== undefined) checkKey(key);
    parsePattern(value);
    return value.text;
  };
  return { ...row, role: "kind", form: "keyed", usage: `${row.name}:KEY=PATTERN`, look, write: asString, read };
}

export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The text of a pattern that can match something. */
function readPattern(value: Piece, usage: string): string {
  const empty = splitUnescaped(value, "|").find((piece) => piece.text === "");
  if (empty !== undefined) throw empty.fail("Nothing can match an empty value", `Write ${usage}.`);
  parsePattern(value);
  return value.text;
}
