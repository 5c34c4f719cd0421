import { parseRule } from "./parse.js";
import { presets } from "./presets.js";
import type { Rule } from "./rule.js";

/** The rules that a rule stands for: itself, or those of its preset, each with the words that stand beside it. */
export function expand(rule: Rule): Rule[] {
  const { preset, ...words } = rule;
  if (preset === undefined) return [rule];
  return (presets.get(preset) ?? []).map((text) => ({ ...parseRule(text), ...words }));
}
