/** What can go wrong for who listens; docs/errors.md has a row for each. */
export type ListenerErrorCode = "ADDON_MISSING" | "PATH_UNUSABLE" | "VERSION_MISMATCH";

export interface ListenerErrorOptions {
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The one error of this package: a sentence that says what is wrong, and a remedy. */
export class ListenerError extends Error {
  override readonly name = "ListenerError";
  readonly code: ListenerErrorCode;
  /** What the reader can do about it, as a sentence. */
  readonly remedy: string;

  constructor(code: ListenerErrorCode, message: string, options: ListenerErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
  }
}
