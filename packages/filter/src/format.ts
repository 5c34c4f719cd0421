import { assemble } from "./entry.js";
import { readFields } from "./fields.js";
import { checkText, parseRule } from "./parse.js";
import { Piece } from "./piece.js";
import type { Rule, RuleLike } from "./rule.js";
import { rankOf } from "./terms/table.js";

/**
 * The text of a rule, in the order of the table of terms. `parseRule` is its inverse.
 *
 * @throws RuleError without `at`, as `checkRule`
 */
export function formatRule(rule: Rule): string {
  return writeRule(checkRule(rule));
}

/**
 * A rule as `parseRule` would have made it: `/sys` taken off, ids of USB in full, words that are `false` left out.
 *
 * @throws RuleError RULE_SYNTAX, RULE_UNKNOWN_TERM, RULE_UNKNOWN_PRESET, without `at`
 */
export function checkRule(rule: Rule): Rule {
  const checked = assemble(readFields(rule), Piece.ofField("", "rule"));
  writeRule(checked); // it is no longer than a rule may be
  return checked;
}

/** @throws RuleError as `parseRule` and `checkRule` */
export function readRule(rule: RuleLike): Rule {
  return typeof rule === "string" ? parseRule(rule) : checkRule(rule);
}

/** The text of a checked rule. @throws RuleError it is longer than a rule may be */
export function writeRule(rule: Rule): string {
  const terms = readFields(rule).toSorted((a, b) => rankOf(a.term) - rankOf(b.term));
  const text = terms.map(({ whole }) => whole.text).join(",");
  checkText(Piece.ofField(text, "rule"));
  return text;
}
