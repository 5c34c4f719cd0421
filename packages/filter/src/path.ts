import { splitUnescaped } from "./escape.js";
import { matchesOne, parseAlternative, type Alternative } from "./pattern.js";
import type { Piece } from "./piece.js";

export interface PathPattern {
  /** `devices` included. */
  readonly segments: readonly Segment[];
  /** The only path that it matches, if there is only one. */
  readonly exact: string | undefined;
}
/** `**` stands for any number of segments. */
export type Segment = Alternative | "**";

/** @param piece a path that begins with `/devices`. @throws RuleError RULE_SYNTAX */
export function parsePath(piece: Piece): PathPattern {
  const segments = splitUnescaped(piece, "/").slice(1).map(parseSegment);
  const names = segments.map((segment) => (segment === "**" ? undefined : segment.exact));
  return { segments, exact: names.includes(undefined) ? undefined : `/${names.join("/")}` };
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
export function coversPath({ segments, exact }: PathPattern, devpath: string): boolean {
  if (exact === undefined) return coversNames(segments, devpath.split("/").slice(1));
  return devpath.startsWith(exact) && (devpath.length === exact.length || devpath[exact.length] === "/");
}

function coversNames(segments: readonly Segment[], names: readonly string[]): boolean {
  let s = 0;
  let n = 0;
  let star = -1;
  let taken = 0; // the last "**" has taken the names up to here
  while (s < segments.length) {
    const segment = segments[s] as Segment; // s < length
    const name = names[n];
    if (segment === "**") {
      star = s++;
      taken = n;
    } else if (name !== undefined && matchesOne(segment, name)) {
      s++;
      n++;
    } else if (star >= 0 && taken < names.length) {
      s = star + 1;
      n = ++taken;
    } else return false;
  }
  return true;
}
