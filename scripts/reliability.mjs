/** docs/reliability.md: its words are written by hand, its figures by the runs that saw them, between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { inTree } from "./bootstrap/paths.mjs";

const PAGE = inTree("docs/reliability.md");

/**
 * Writes what a run saw, in markdown, in place of what the section had, with the machine, the day and the load below it.
 *
 * @param {string} name of the section
 * @param {string} text
 * @throws Error the page has no such section
 */
export async function writeSection(name, text) {
  const page = withSection(readFileSync(PAGE, "utf8"), name, `${text}\n\n${machine()}`);
  const { format } = await import("prettier"); // takes seconds to load, and most tests write nothing
  writeFileSync(PAGE, await format(page, { parser: "markdown", printWidth: 120 }));
}

/**
 * What a section says now.
 *
 * @param {string} name
 */
export function sectionOf(name) {
  const page = readFileSync(PAGE, "utf8");
  const [from, to] = boundsOf(page, name);
  return page.slice(from, to);
}

/**
 * The same as `writeSection`, for a test: only if `npm run verify` has it run at length.
 *
 * @param {string} name
 * @param {string} text
 */
export async function writeFigures(name, text) {
  if (process.env["WRITE_FIGURES"]) await writeSection(name, text);
}

/**
 * @param {string} page
 * @param {string} name
 * @param {string} text
 * @returns {string}
 */
export function withSection(page, name, text) {
  const [from, to] = boundsOf(page, name);
  return `${page.slice(0, from)}\n\n${text}\n\n${page.slice(to)}`;
}

/**
 * @param {string} page
 * @param {string} name
 * @returns {readonly [from: number, to: number]}
 */
function boundsOf(page, name) {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/reliability.md has no section ${name}: put "${begin}" and "${end}" there`);
  return [from + begin.length, to];
}

function machine() {
  const [{ model }] = cpus();
  const day = new Date().toISOString().slice(0, "2026-01-01".length);
  const load = loadavg()[1].toFixed(1);
  return `_Linux ${release()}, Node ${process.version}, ${cpus().length} processors (${model}), ${day}; load of the last five minutes: ${load}._`;
}
