/** What can be wrong with a rule or a policy. docs/errors.md has a row for each. */
export type RuleErrorCode = "RULE_SYNTAX" | "RULE_UNKNOWN_TERM" | "RULE_UNKNOWN_PRESET" | "POLICY_CONFLICT";

/** A part of a rule's text, in UTF-16 code units. */
export interface At {
  readonly offset: number;
  readonly length: number;
}

/** A rule or a policy that cannot be used. */
export class RuleError extends Error {
  override readonly name = "RuleError";
  readonly code: RuleErrorCode;
  /** What would be right, as a sentence. */
  readonly remedy: string;
  /** The text of the rule; absent, as `at` is, for a rule that was given as an object. */
  declare readonly rule?: string;
  /** Where in that text. */
  declare readonly at?: At;

  constructor(code: RuleErrorCode, message: string, remedy: string, where?: At & { readonly rule: string }) {
    super(`${message}. ${remedy}`);
    this.code = code;
    this.remedy = remedy;
    if (where === undefined) return;
    this.rule = where.rule;
    this.at = { offset: where.offset, length: where.length };
  }
}
