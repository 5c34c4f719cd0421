import { markdownTable } from "markdown-table";
import { sectionOf, writeSection } from "../reliability.mjs";

const SECTION = "fuzzing";

/** @typedef {{ name: string, seconds: number, executions: number, edges: number }} Fuzzed */

/**
 * Writes into docs/reliability.md what came of those that were fuzzed without a finding, beside what came of the others before.
 *
 * @param {readonly string[]} names of all targets
 * @param {readonly Fuzzed[]} fuzzed
 */
export async function writeFuzzing(names, fuzzed) {
  const day = new Date().toISOString().slice(0, "2026-01-01".length);
  const rows = rowsIn(sectionOf(SECTION));
  for (const { name, seconds, executions, edges } of fuzzed)
    rows.set(name, [name, `${Math.round(seconds)}`, `${executions}`, `${edges}`, day]);
  const all = names.map((name) => rows.get(name) ?? [name, "–", "–", "–", "not yet"]);
  const done = all.filter(([name]) => rows.has(name)).length;
  const table = markdownTable([["target", "seconds", "inputs", "edges", "on"], ...all], {
    align: ["l", "r", "r", "r", "r"],
  });
  await writeSection(
    SECTION,
    `${done} of ${names.length} targets were fuzzed for so long, without a finding.\n\n${table}`,
  );
}

/**
 * @param {string} text
 * @returns {Map<string, string[]>} by the target's name
 */
export function rowsIn(text) {
  const cells = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1))
    .map((row) => row.map((cell) => cell.trim()));
  return new Map(cells.filter((row) => /^\d{4}-\d\d-\d\d$/.test(row.at(-1) ?? "")).map((row) => [row[0] ?? "", row]));
}
