import { BridgeError } from "@uevent-bridge/relay";
import type { ErrorCode } from "@uevent-bridge/relay";

import { asSentence } from "../text/as-sentence.js";
import { printable } from "../text/printable.js";
import { CommandError, STATUS } from "./error.js";
import type { Status } from "./error.js";
import { RuleTextError } from "./rules.js";

/** What to print on stderr, and the status to exit with. */
export interface Failure {
  readonly status: Status;
  readonly text: string;
}

const WRONG_WORDS: ReadonlySet<ErrorCode> = new Set([
  "RULE_SYNTAX",
  "RULE_UNKNOWN_TERM",
  "RULE_UNKNOWN_PRESET",
  "POLICY_CONFLICT",
  "NAME_INVALID",
]);

/** Any error as a sentence with its remedy; never a stack trace. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof RuleTextError) return { status: STATUS.words, text: ruleError(error) };
  if (isRemediable(error)) return { status: statusOf(error), text: sentence(error.message, error.remedy) };
  const message = error instanceof Error ? error.message : String(error);
  return { status: STATUS.world, text: sentence(message, DEFECT) };
}

/** A problem and its remedy as the command prints them. */
export function sentence(message: string, remedy: string): string {
  return line(`uevent-bridge: ${withoutRemedy(message, remedy)}`) + remedyLine(remedy);
}

/** All errors of our packages have a remedy; that of the listener cannot be imported, as it is optional. */
function isRemediable(error: unknown): error is Error & { readonly remedy: string } {
  return error instanceof Error && "remedy" in error && typeof error.remedy === "string";
}

function statusOf(error: Error): Status {
  if (error instanceof CommandError) return error.status;
  return error instanceof BridgeError && WRONG_WORDS.has(error.code) ? STATUS.words : STATUS.world;
}

const DEFECT = "This is a defect of uevent-bridge; NODE_DEBUG=uevent-bridge shows where it happened. Please report it.";

function ruleError({ rule, error }: RuleTextError): string {
  const { message, remedy, at } = error;
  return line(`uevent-bridge: ${withoutRemedy(message, remedy)}`) + pointedAt(rule, at) + remedyLine(remedy);
}

function pointedAt(rule: string, at: BridgeError["at"]): string {
  if (!at) return line(`  ${rule}`);
  const before = printable(rule.slice(0, at.offset)).length; // an escaped character takes more room
  const under = printable(rule.slice(at.offset, at.offset + at.length)).length;
  return line(`  ${rule}`) + line(`  ${" ".repeat(before)}${"^".repeat(Math.max(1, under))}`);
}

function remedyLine(remedy: string): string {
  return line(`  ${asSentence(remedy)}`);
}

/** A rule's error has its remedy in its message already. */
function withoutRemedy(message: string, remedy: string): string {
  return remedy !== "" && message.endsWith(remedy) ? message.slice(0, -remedy.length).replace(/[. ]+$/, "") : message;
}

function line(text: string): string {
  return `${printable(text)}\n`;
}
