import { splitUnescaped } from "./escape.js";
import { matchesOne, parseAlternative, type Alternative } from "./pattern.js";
import type { Piece } from "./piece.js";

/** The segments of a path, `devices` included. */
export type PathPattern = readonly Segment[];
/** `**` stands for any number of segments. */
export type Segment = Alternative | "**";

/** @param piece a path that begins with `/devices`. @throws RuleError RULE_SYNTAX */
export function parsePath(piece: Piece): PathPattern {
  return splitUnescaped(piece, "/").slice(1).map(parseSegment);
}

function parseSegment(piece: Piece): Segment {
  if (piece.text === "") throw piece.fail('"//" or "/" at the end of a path', "Take the empty segment out.");
  if (piece.text === "**") return "**";
  if (piece.text.replace(/\\./gsu, "c").includes("**"))
    throw piece.fail('"**" inside a segment', 'Write "*", or "**" as a segment of its own.');
  const bar = splitUnescaped(piece, "|")[0]?.text.length ?? 0;
  if (bar < piece.text.length)
    throw piece.slice(bar, bar + 1).fail("A path has no alternatives", 'Write one rule for each, or "\\|" for itself.');
  const segment = parseAlternative(piece);
  if (segment.exact === "." || segment.exact === "..")
    throw piece.fail(`"${segment.exact}" in a path`, "Write the path without it.");
  if (segment.exact?.includes("/")) throw piece.fail('A name in /sys has no "/"', 'The kernel writes "!" for it.');
  return segment;
}

/** True if the pattern matches the devpath or the path of one of its ancestors. */
export function coversPath(pattern: PathPattern, devpath: string): boolean {
  const names = devpath.split("/").slice(1);
  let p = 0;
  let n = 0;
  let star = -1;
  let taken = 0; // the last "**" has taken the names up to here
  while (p < pattern.length) {
    const segment = pattern[p] as Segment; // p < length
    const name = names[n];
    if (segment === "**") {
      star = p++;
      taken = n;
    } else if (name !== undefined && matchesOne(segment, name)) {
      p++;
      n++;
    } else if (star >= 0 && taken < names.length) {
      p = star + 1;
      n = ++taken;
    } else return false;
  }
  return true;
}
