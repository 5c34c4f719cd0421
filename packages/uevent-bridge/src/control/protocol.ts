import { BridgeError } from "@uevent-bridge/relay";
import type { ErrorCode } from "@uevent-bridge/relay";

/** What `trigger` and `wait` ask of a running relay: one line of JSON on a connection of its own. */
export type Request =
  | { readonly type: "trigger"; readonly rules: readonly string[] }
  | { readonly type: "wait"; readonly rule: string; readonly removed: boolean; readonly timeoutMs: number };

/** The one line that comes back. */
export type Reply =
  | { readonly type: "triggered"; readonly count: number; readonly unseen?: string }
  | { readonly type: "met" }
  | ({ readonly type: "timeout" } & Seen)
  | { readonly type: "error"; readonly code: ErrorCode; readonly message: string; readonly remedy: string };

/** What the container was told of when a `wait` gave up. */
export interface Seen {
  /** How many devices. */
  readonly devices: number;
  /** Those of them that the rule picks, the first few. */
  readonly picked: readonly string[];
  /** The last event that was forwarded while waiting. */
  readonly last?: string;
  /** That there is a device which the rule picks and the container does not see, and why: a sentence. */
  readonly unseen?: string;
}

const MAX_RULES = 256;
const MAX_TIMEOUT_MS = 2 ** 31 - 1; // what a timer takes

/** A request from its line; undefined if it is none. */
export function parseRequest(line: string): Request | undefined {
  const value = parseObject(line);
  if (value?.type === "trigger" && isRules(value.rules)) return { type: "trigger", rules: value.rules };
  if (value?.type !== "wait" || typeof value.rule !== "string" || typeof value.removed !== "boolean") return undefined;
  const { rule, removed, timeoutMs } = value;
  return isTimeout(timeoutMs) ? { type: "wait", rule, removed, timeoutMs } : undefined;
}

/** True for a time to wait that a timer can hold. */
export function isTimeout(ms: unknown): ms is number {
  return typeof ms === "number" && ms >= 0 && ms <= MAX_TIMEOUT_MS;
}

/** A reply from its line. Relays of this user are trusted, but may be of another version. */
export function parseReply(line: string): Reply | undefined {
  const value = parseObject(line);
  return value && REPLIES.has(value.type) ? (value as unknown as Reply) : undefined;
}

const REPLIES: ReadonlySet<unknown> = new Set<Reply["type"]>(["triggered", "met", "timeout", "error"]);

/** An error as a reply; what is not for the caller to mend becomes one sentence. */
export function errorReply(error: unknown): Reply {
  if (error instanceof BridgeError) {
    return { type: "error", code: error.code, message: error.message, remedy: error.remedy };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { type: "error", code: "CLOSED", message, remedy: "Look at what the relay itself says." };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isRules(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_RULES && value.every((rule) => typeof rule === "string");
}
