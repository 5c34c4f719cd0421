import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./packages.js";

/** A page of the documentation, by its path below the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), "utf8") };
}

/** The pages that speak of the code, and one for each decision. */
export function pages(): readonly Page[] {
  const decisions = readdirSync(join(ROOT, "docs/decisions")).map((name) => `docs/decisions/${name}`);
  const named = [
    "docs/architecture.md",
    "docs/limits.md",
    "docs/reliability.md",
    "docs/security.md",
    "packages/relay/README.md",
  ];
  return [...named, ...decisions].map(readPage);
}

/** The files and directories of this tree that a page names in backticks, without what stands in a block of code. */
export function pathsIn({ text }: Page): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, "");
  const named = [...prose.matchAll(/`((?:packages|test|docs|bench|scripts)\/[\w./@-]+)`/g)];
  return [...new Set(named.map(([, path = ""]) => path))];
}

/** Where a page's links lead, relative to the page, without those to other sites and to places in the page itself. */
export function linksIn({ text }: Page): readonly string[] {
  const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

/** The cells of each row of the tables under a heading, or of all tables of the page. */
export function rowsIn({ text }: Page, heading?: string): readonly (readonly string[])[] {
  const part = heading === undefined ? text : section(text, heading);
  const lines = part.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| -"));
  return lines.map((line) => line.replaceAll("\\|", "\0").slice(1, -1).split("|").map(unescaped));
}

/** The text of a block of code with this label. */
export function blockIn({ text }: Page, label: string): string {
  return new RegExp(`^\`\`\`${label}\n(.*?)^\`\`\``, "ms").exec(text)?.[1] ?? "";
}

function section(text: string, heading: string): string {
  const [, after = ""] = text.split(`\n## ${heading}\n`);
  return after.split("\n## ", 1)[0] ?? "";
}

function unescaped(cell: string): string {
  return cell.replaceAll("\0", "|").trim();
}
