import { BridgeError } from "@uevent-bridge/relay";
import type { Policy } from "@uevent-bridge/relay";

import { parseRule } from "../rules.js";
import { CommandError, STATUS } from "./error.js";

/** An error in a rule that was given as text, with that text. */
export class RuleTextError extends Error {
  override readonly name = "RuleTextError";
  readonly rule: string;
  readonly error: BridgeError;

  constructor(rule: string, error: BridgeError) {
    super(error.message, { cause: error });
    this.rule = rule;
    this.error = error;
  }
}

/** The same texts, each found to be a rule. @throws RuleTextError */
export function checkedRules(rules: readonly string[]): readonly string[] {
  for (const rule of rules) checkRule(rule);
  return rules;
}

/** The policy that `--allow` and `--deny` name. @throws RuleTextError, CommandError */
export function policyOf(options: { readonly allow: readonly string[]; readonly deny: readonly string[] }): Policy {
  if (options.allow.length === 0) {
    throw new CommandError(STATUS.words, "no --allow: nothing would be seen", "Say what may be seen: --allow RULE.");
  }
  return { allow: checkedRules(options.allow), deny: checkedRules(options.deny) };
}

/** @throws CommandError for a rule that stands alone, without the option that says what it is for */
export function checkNoneAlone([rule]: readonly string[]): void {
  if (rule === undefined) return;
  throw new CommandError(
    STATUS.words,
    `too many arguments: ${rule}`,
    `A rule stands behind its option: --allow ${rule}`,
  );
}

/** Collects an option that may be given again and again. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function checkRule(rule: string): void {
  try {
    parseRule(rule);
  } catch (error) {
    throw error instanceof BridgeError ? new RuleTextError(rule, error) : error;
  }
}
