/** One of some characters; `ranges` are code points, both ends included. */
export interface CharSet {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [number, number])[];
}

/** A code point, any one character, any number of any characters, or one of some. */
export type Token = number | "?" | "*" | CharSet;

/**
 * True if the tokens match the whole value. A character is a code point; a byte that was no UTF-8 is one too.
 * Going back to the last star alone is enough: what an earlier star could take, the last one can. So the
 * time is at most the product of the two lengths, whatever the pattern.
 */
export function matchTokens(tokens: readonly Token[], value: string): boolean {
  let t = 0;
  let v = 0;
  let star = -1;
  let taken = 0; // the last star has taken the value up to here
  while (v < value.length) {
    const token = tokens[t];
    const point = value.codePointAt(v) ?? 0;
    if (token === "*") {
      star = t++;
      taken = v;
    } else if (token !== undefined && accepts(token, point)) {
      t++;
      v += widthOf(point);
    } else if (star >= 0) {
      taken += widthOf(value.codePointAt(taken) ?? 0);
      t = star + 1;
      v = taken;
    } else return false;
  }
  while (tokens[t] === "*") t++;
  return t === tokens.length;
}

function accepts(token: Exclude<Token, "*">, point: number): boolean {
  if (typeof token === "number") return token === point;
  if (token === "?") return true;
  return token.ranges.some(([first, last]) => first <= point && point <= last) !== token.negated;
}

/** UTF-16 code units of a code point. */
function widthOf(point: number): number {
  return point > 0xffff ? 2 : 1;
}
