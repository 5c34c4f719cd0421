/** What can go wrong at the boundary. docs/errors.md has a row for each. */
export type KernelErrorCode =
  | "ADDON_MISSING"
  | "ID_UNMAPPED"
  | "KERNEL_TOO_OLD"
  | "MAP_FULL"
  | "NO_PRIVILEGE"
  | "PATH_UNUSABLE"
  | "TARGET_GONE"
  | "TARGET_NO_NETNS"
  | "TARGET_SHARES_HOST";

/** A surprise of the operating system. Expected outcomes of a call are values, never this. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  readonly code: KernelErrorCode;
  /** What the reader can do about it, as a sentence. */
  readonly remedy: string;

  constructor(code: KernelErrorCode, message: string, remedy: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}
