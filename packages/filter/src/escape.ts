import type { Piece } from "./piece.js";

const BLANK = /[ \t\r\n]/;
/** What begins as a term does, and could be taken for one behind a blank. */
const AS_A_TERM = "(?:(?:exclusive|required)(?= |$)|[a-z]+(?::[^= ]*)?=|/dev(?:ices)?/)";
const TERM_AHEAD = new RegExp(`^${AS_A_TERM}`);
const BLANK_BEFORE_TERM = new RegExp(` (?=${AS_A_TERM})`, "g");

/** The parts between separators that no backslash escapes. */
export function splitUnescaped(piece: Piece, separator: string): Piece[] {
  const parts: Piece[] = [];
  let start = 0;
  for (let i = 0; i < piece.text.length; i++) {
    if (piece.text[i] === "\\") i++;
    else if (piece.text[i] === separator) {
      parts.push(piece.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(piece.slice(start));
  return parts;
}

/** Where the first separator stands that no backslash escapes; -1 if there is none. */
export function indexOfUnescaped(piece: Piece, separator: string): number {
  const end = splitUnescaped(piece, separator)[0]?.text.length ?? 0;
  return end === piece.text.length ? -1 : end;
}

/** The blank behind which something begins as a term does, where a "," may have been meant. */
export function blankForComma(piece: Piece): Piece | undefined {
  const parts = splitUnescaped(piece, " ");
  const at = parts.findIndex(({ text }, i) => i > 0 && TERM_AHEAD.test(text));
  if (at === -1) return undefined;
  const start = parts.slice(0, at).reduce((length, { text }) => length + text.length + 1, 0) - 1;
  return piece.slice(start, start + 1);
}

/** Without the blanks around it; an escaped blank is none. */
export function trimmed(piece: Piece): Piece {
  let start = 0;
  while (BLANK.test(piece.text[start] ?? "")) start++;
  let end = start;
  for (let i = start; i < piece.text.length; i++) {
    if (piece.text[i] === "\\") end = ++i + 1;
    else if (!BLANK.test(piece.text[i] ?? "")) end = i + 1;
  }
  return piece.slice(start, end);
}

/** The text that an escaped text stands for. */
export function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/gsu, "$1") : text;
}

/**
 * The pattern that matches this value and no other: what a value from outside must go through on its way into a rule.
 *
 * @example
 * const rule: Rule = { attr: { serial: literal(serial) } };
 */
export function literal(value: string): string {
  return value.replace(/[\\,|*?[\]]|^[ \t\r\n=]|[ \t\r\n]$/g, "\\$&").replace(BLANK_BEFORE_TERM, escapedOnce);
}

/** A name that is no pattern (`as=`, the KEY of `attr:`) as it is written in a rule. */
export function escapeName(name: string): string {
  return name.replace(/[\\,=]|^[ \t\r\n]|[ \t\r\n]$/g, "\\$&").replace(BLANK_BEFORE_TERM, escapedOnce);
}

/** A blank at the edge has its backslash already. */
function escapedOnce(blank: string, at: number, text: string): string {
  return at === 1 && text.startsWith("\\") ? blank : `\\${blank}`;
}
