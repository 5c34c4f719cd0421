import { RuleError } from "@uevent-bridge/filter";
import { KernelError, asKernelError } from "@uevent-bridge/kernel";

/** What can go wrong for a caller; docs/errors.md has a row for each. */
export type ErrorCode =
  | "RULE_SYNTAX"
  | "RULE_UNKNOWN_TERM"
  | "RULE_UNKNOWN_PRESET"
  | "POLICY_CONFLICT"
  | "NAME_INVALID"
  | "NAME_TAKEN"
  | "TARGET_GONE"
  | "TARGET_NO_NETNS"
  | "TARGET_SHARES_HOST"
  | "NO_PRIVILEGE"
  | "KERNEL_TOO_OLD"
  | "ADDON_MISSING"
  | "PATH_UNUSABLE"
  | "EVENT_TOO_LONG"
  | "HELD"
  | "MAP_FULL"
  | "ID_UNMAPPED"
  | "STATE_DAMAGED"
  | "SYSTEM_REFUSED"
  | "VERSION_MISMATCH"
  | "CLOSED";

export interface BridgeErrorOptions {
  readonly remedy: string;
  readonly at?: { readonly offset: number; readonly length: number } | undefined;
  readonly cause?: unknown;
}

/** The one error of the public API: a sentence that says what is wrong, and a remedy. */
export class BridgeError extends Error {
  override readonly name = "BridgeError";
  readonly code: ErrorCode;
  /** What the reader can do about it. */
  readonly remedy: string;
  /** Where in the rule's text, in UTF-16 code units. */
  readonly at?: { readonly offset: number; readonly length: number };

  constructor(code: ErrorCode, message: string, options: BridgeErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    if (options.at) this.at = options.at;
  }
}

/** Errors of the packages below become ours; anything else is a defect and stays what it is. */
export function asBridgeError(error: unknown): unknown {
  if (error instanceof RuleError) {
    return new BridgeError(error.code, error.message, { remedy: error.remedy, at: error.at, cause: error });
  }
  const known = asKernelError(error);
  if (known instanceof KernelError) {
    return new BridgeError(known.code, known.message, { remedy: known.remedy, cause: known });
  }
  return error;
}

/** What the system or a rule stands in the way of, to be said as a warning. @throws anything else: it is a defect */
export function troubleOf(error: unknown): BridgeError {
  const trouble = asBridgeError(error);
  if (trouble instanceof BridgeError) return trouble;
  throw error;
}

/** Does the work; errors of the packages below come out as ours. */
export function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asBridgeError(error);
  }
}

/** The same of what takes its time. */
export async function attemptAll<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asBridgeError(error);
  }
}
