import { BridgeError } from "@uevent-bridge/relay";
import type { Device, ErrorCode, Explanation, OnOpen, Revocation } from "@uevent-bridge/relay";

/** What commands ask of a running relay: one line of JSON on a connection of its own. */
export type Request =
  | { readonly type: "trigger"; readonly rules: readonly string[] }
  | { readonly type: "wait"; readonly rule: string; readonly removed: boolean; readonly timeoutMs: number }
  /** `words`: as they stand in a rule. */
  | { readonly type: "grant"; readonly device: string; readonly words: string }
  | ({ readonly type: "revoke"; readonly open?: OnOpen } & Meant)
  | { readonly type: "thaw" }
  /** `to`: the container that is to hold it. */
  | { readonly type: "transfer"; readonly device: string; readonly to: string; readonly graceMs: number }
  | ({ readonly type: "explain" } & Meant)
  | { readonly type: "tree" };

/** A device that the container may have under another name than the host. */
export interface Meant {
  /** As the host has it. */
  readonly device: string;
  /** A path below `/dev`, by which the container's device is meant if it sees one that it calls so. */
  readonly name?: string;
}

/** The one line that comes back. */
export type Reply =
  | { readonly type: "triggered"; readonly count: number; readonly unseen?: string }
  | { readonly type: "met" }
  | ({ readonly type: "timeout" } & Seen)
  | ({ readonly type: "changed" } & Changed)
  | { readonly type: "thawed" }
  | { readonly type: "transferred" }
  | { readonly type: "explained"; readonly explanation: Explanation }
  | { readonly type: "tree"; readonly devices: readonly Branch[]; readonly frozen?: true }
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

/** What a `grant` or `revoke` came to. */
export interface Changed extends Pick<Revocation, "openBy" | "ended" | "granted"> {
  /** How many devices the container sees that it did not see before. */
  readonly added: number;
  readonly removed: number;
  /** Of the device that was asked for, as it is now. */
  readonly explanation: Explanation;
}

/** A device that the container sees, in a tree of them. */
export interface Branch extends Pick<Device, "devpath" | "subsystem">, Pick<Explanation, "rule" | "picked" | "node"> {
  /** The devpath of the nearest one above it that the container sees too. */
  readonly parent?: string;
  /** What is not as it should be, as far as that is known without a look into the container: who refuses it, above all. */
  readonly problem?: string;
}

const MAX_RULES = 256;
const MAX_TIMEOUT_MS = 2 ** 31 - 1; // what a timer takes

/** A request from its line; undefined if it is none. */
export function parseRequest(line: string): Request | undefined {
  const value = parseObject(line);
  if (value?.type === "trigger" && isRules(value.rules)) return { type: "trigger", rules: value.rules };
  if (value?.type === "tree" || value?.type === "thaw") return { type: value.type };
  if (typeof value?.device === "string") return parseOfDevice(value, value.device);
  if (value?.type !== "wait" || typeof value.rule !== "string" || typeof value.removed !== "boolean") return undefined;
  const { rule, removed, timeoutMs } = value;
  return isTimeout(timeoutMs) ? { type: "wait", rule, removed, timeoutMs } : undefined;
}

function parseOfDevice(value: Record<string, unknown>, device: string): Request | undefined {
  const { type, words, open, to, graceMs } = value;
  const meant = { device, ...(typeof value.name === "string" && { name: value.name }) };
  if (type === "transfer")
    return typeof to === "string" && isTimeout(graceMs) ? { type, device, to, graceMs } : undefined;
  if (type === "explain") return { type, ...meant };
  if (type === "revoke") return isOnOpen(open) ? { type, ...meant, open } : { type, ...meant };
  return type === "grant" && typeof words === "string" ? { type, device, words } : undefined;
}

/** True for what can be done about programs that have a device open. */
export function isOnOpen(value: unknown): value is OnOpen {
  return value === "name" || value === "end" || value === "freeze";
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

const REPLIES: ReadonlySet<unknown> = new Set<Reply["type"]>([
  "triggered",
  "met",
  "timeout",
  "changed",
  "thawed",
  "transferred",
  "explained",
  "tree",
  "error",
]);

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
