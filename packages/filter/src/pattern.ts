import { splitUnescaped } from "./escape.js";
import { matchTokens, type CharSet, type Token } from "./glob.js";
import type { Piece } from "./piece.js";

/** Alternatives of which one must match the whole value. */
export type Pattern = readonly Alternative[];

export interface Alternative {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** The only value that it matches, if there is only one. */
  readonly exact: string | undefined;
  /** What every value that it matches begins with. */
  readonly prefix: string;
}

/** @throws RuleError RULE_SYNTAX */
export function parsePattern(piece: Piece): Pattern {
  return splitUnescaped(piece, "|").map(parseAlternative);
}

/** The pattern that matches one value and no other. */
export function exactly(value: string): Pattern {
  return [exact(value)];
}

function exact(value: string): Alternative {
  return { text: value, tokens: Array.from(value, pointOf), prefix: value, exact: value };
}

/** The pattern for values without their first characters, which are `count` literal ones in the pattern. */
export function dropFirst({ text, tokens }: Alternative, count: number): Alternative {
  return alternative(text, tokens.slice(count));
}

export function matches(pattern: Pattern, value: string): boolean {
  return pattern.some((alternative) => matchesOne(alternative, value));
}

export function matchesOne({ exact, prefix, tokens }: Alternative, value: string): boolean {
  if (exact !== undefined) return exact === value;
  return value.startsWith(prefix) && matchTokens(tokens, value);
}

/** A pattern without alternatives. @throws RuleError RULE_SYNTAX */
export function parseAlternative(piece: Piece): Alternative {
  if (!/[\\*?[\]]/.test(piece.text)) return exact(piece.text);
  const chars = charsOf(piece);
  const tokens: Token[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as Char; // i < length
    if (is(char, "[")) {
      const end = chars.findIndex((other, at) => at > i && is(other, "]"));
      if (end === -1)
        throw piece
          .slice(char.at)
          .fail('"[" has no "]"', 'Close it, or write "\\[" for itself; a "," or "|" in it needs a backslash.');
      tokens.push(parseSet(piece.slice(char.at, (chars[end] as Char).at + 1), chars.slice(i + 1, end)));
      i = end;
    } else if (is(char, "]"))
      throw piece.slice(char.at, char.at + 1).fail('"]" has no "["', 'Write "\\]" for the bracket itself.');
    else if (is(char, "*") || is(char, "?")) tokens.push(char.text as "*" | "?");
    else tokens.push(pointOf(char.text));
  }
  return alternative(piece.text, tokens);
}

function alternative(text: string, tokens: readonly Token[]): Alternative {
  const end = tokens.findIndex((token) => typeof token !== "number");
  const prefix = String.fromCodePoint(...((end < 0 ? tokens : tokens.slice(0, end)) as readonly number[]));
  return { text, tokens, prefix, exact: end < 0 ? prefix : undefined };
}

/** One character of a pattern: `raw` if no backslash stands before it. */
interface Char {
  readonly text: string;
  readonly raw: boolean;
  readonly at: number;
}

function charsOf(piece: Piece): Char[] {
  return Array.from(piece.text.matchAll(/\\?(?<text>.)/gsu), (match) => {
    const [whole, text = ""] = match; // it has both
    return { text, raw: text === whole, at: match.index };
  });
}

function is(char: Char | undefined, text: string): boolean {
  return char !== undefined && char.raw && char.text === text;
}

function pointOf(text: string): number {
  return text.codePointAt(0) as number; // never of an empty text
}

function parseSet(whole: Piece, inner: readonly Char[]): CharSet {
  const negated = is(inner[0], "!");
  const body = negated ? inner.slice(1) : inner;
  if (body.length === 0) throw whole.fail("This set of characters is empty", "Write characters into it: [abc], [a-c].");
  if (is(inner[0], "^")) throw whole.fail('"[^" is not known', 'Write "[!" for all but these, or "\\^" for itself.');
  if (body.some((char) => is(char, "[")))
    throw whole.fail('"[" in a set of characters', 'Write "\\[" for itself; for [[:digit:]] write [0-9].');
  const ranges: [number, number][] = [];
  for (let i = 0; i < body.length; i++) {
    const first = pointOf((body[i] as Char).text);
    const end = is(body[i + 1], "-") ? body[i + 2] : undefined;
    const last = end === undefined ? first : pointOf(end.text);
    if (last < first) throw whole.fail("This range goes backwards", "Write the lower character first: [a-c].");
    ranges.push([first, last]);
    if (end !== undefined) i += 2;
  }
  return { negated, ranges };
}
