import config from "../vitest.config.js";

/** What is run together by `--project NAME`. */
interface Project {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

interface Inline {
  readonly test: { readonly name: string; readonly include: readonly string[]; readonly exclude?: readonly string[] };
}

/** The projects of the configuration of vitest. */
export const projects: readonly Project[] = ((config.test?.projects ?? []) as readonly Inline[]).map(
  ({ test: { name, include, exclude = [] } }) => ({ name, include, exclude }),
);

/** True for the paths that a glob names, with what is used of globs there. */
export function globExpression(glob: string): RegExp {
  const parts: Readonly<Record<string, string>> = {
    "**/": "(?:.*/)?",
    "*": "[^/]*",
    "{": "(?:",
    ",": "|",
    "}": ")",
    ".": "\\.",
  };
  return new RegExp(`^${glob.replace(/\*\*\/|[*{},.]/g, (part) => parts[part] ?? "")}$`);
}
