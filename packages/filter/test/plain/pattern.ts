const CACHED_MAX = 10_000;
const values = new Map<string, RegExp>();
const paths = new Map<string, RegExp>();

/** True if the pattern matches the whole value; an absent value never matches. */
export function matches(pattern: string, value: string | undefined): boolean {
  return value !== undefined && cached(values, pattern, () => translate(pattern, ".")).test(value);
}

/** True if the path pattern matches the devpath or the path of an ancestor. */
export function matchesPath(path: string, devpath: string): boolean {
  return cached(paths, path, () => `${translatePath(path)}(?:/.*)?`).test(devpath);
}

function translatePath(path: string): string {
  const segments = path.match(/(?:\\.|[^\\/])+/gsu) ?? []; // "\\/" separates nothing
  return segments.map((each) => (each === "**" ? "(?:/[^/]+)*" : `/${translate(each, "[^/]")}`)).join("");
}

function cached(cache: Map<string, RegExp>, pattern: string, source: () => string): RegExp {
  const regExp = cache.get(pattern) ?? new RegExp(`^(?:${source()})$`, "su");
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(pattern, regExp);
  return regExp;
}

/** The pattern as the source of a regular expression; `one` is what any one character is. */
function translate(pattern: string, one: string): string {
  const parts = /\\(?<literal>.)|\[(?<set>(?:\\.|[^\]])*)\]|(?<any>\*)|(?<one>\?)|(?<or>\|)|(?<plain>.)/gsu;
  return pattern.replace(parts, (...args) => {
    const groups = args.at(-1) as Record<string, string | undefined>;
    if (groups["set"] !== undefined) return `(?=${one})${translateSet(groups["set"])}`;
    if (groups["any"] !== undefined) return `${one}*`;
    if (groups["one"] !== undefined) return one;
    if (groups["or"] !== undefined) return "|";
    return quote(groups["literal"] ?? groups["plain"] ?? "");
  });
}

function translateSet(set: string): string {
  const body = set
    .replace(/^!/, "")
    .replace(/\\(.)|(^-|-$)|(-)|([^-\\])/gsu, (_, escaped?: string, edge?: string, dash?: string, plain?: string) => {
      if (dash !== undefined) return "-";
      return quote(escaped ?? edge ?? plain ?? "");
    });
  return `[${set.startsWith("!") ? "^" : ""}${body}]`;
}

/** A code point, however the regular expression would read it. */
function quote(text: string): string {
  return `\\u{${(text.codePointAt(0) ?? 0).toString(16)}}`;
}
