import type { Rule, Words } from "./rule.js";
import { terms } from "./terms/table.js";

/** The words of a rule. */
export function wordsOf(rule: Rule): Words {
  const words = terms.filter(({ name, role }) => role === "word" && rule[name] !== undefined);
  return Object.fromEntries(words.map(({ name }) => [name, rule[name]])) as Words; // fields of a Rule
}
