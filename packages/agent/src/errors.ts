/** What can go wrong here; docs/errors.md has a row for it. */
export type AgentErrorCode = "ADDON_MISSING";

/** The one error of this package: a sentence that says what is wrong, and a remedy. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;
  /** What the reader can do about it, as a sentence. */
  readonly remedy: string;

  constructor(code: AgentErrorCode, message: string, options: { readonly remedy: string }) {
    super(message);
    this.code = code;
    this.remedy = options.remedy;
  }
}
