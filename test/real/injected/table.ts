import { markdownTable } from "markdown-table";

import { ERRORS } from "./cases.js";
import type { Result } from "./cases.js";
import { LEFT_OUT } from "./calls.js";

/** What came of each call with each error, and what is left out. */
export function tableOf(results: readonly Result[]): string {
  const hit = results.filter(({ failed }) => failed !== undefined);
  const names = [...new Set(hit.map(({ name }) => name))].toSorted();
  const rows = names.map((name) => [`\`${name}\``, ...ERRORS.map((error) => cellOf(hit, name, error))]);
  const left = LEFT_OUT.map(([calls, reason]) => `- ${calls.replace(/\S+/g, "`$&`")}: ${reason}.`);
  return `${markdownTable([["call", ...ERRORS], ...rows])}

${hit.length} calls failed, each in a run of its own. Left out:

${left.join("\n")}`;
}

function cellOf(results: readonly Result[], name: string, error: string): string {
  const counts = new Map<string, number>();
  for (const result of results.filter((each) => each.name === name && each.error === error))
    counts.set(outcomeOf(result), (counts.get(outcomeOf(result)) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
}

function outcomeOf({ faults, errors, warnings }: Result): string {
  if (faults.length > 0) return "WRONG";
  if (errors.length > 0) return "an error";
  return warnings.length > 0 ? "a warning" : "as before";
}
