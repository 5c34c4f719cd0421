import type { Facts, OnUnread } from "./facts.js";
import type { CompiledPolicy, CompiledRule } from "./policy.js";
import type { Words } from "./rule.js";
import type { Speaker } from "./words.js";
import { uniteWords } from "./words.js";

/** Why a policy shows a device or hides it. */
export interface Verdict {
  readonly reason: "allowed" | "denied" | "no-rule";
  /** The text of the rule that decided; the first of those that would. */
  readonly rule?: string;
  /** The devpath of what it picked: the device or the uppermost of its ancestors. */
  readonly picked?: string;
}

/** Which rule of a policy decides about a device. Attributes that were not read go to `unread` and count as not matching. */
export function explain(device: Facts, policy: CompiledPolicy, unread?: OnUnread): Verdict {
  const denied = firstCovering(device, policy.deny, unread);
  if (denied !== undefined) return { reason: "denied", ...denied };
  const allowed = firstCovering(device, policy.allow, unread);
  if (allowed !== undefined) return { reason: "allowed", ...allowed };
  return { reason: "no-rule" };
}

/**
 * The words of all allow rules that cover a device, united as `uniteWords` does.
 *
 * @throws RuleError POLICY_CONFLICT
 */
export function words(device: Facts, policy: CompiledPolicy, unread?: OnUnread): Words {
  const covering = policy.allow.filter((rule) => uppermostPick(rule, device, unread) !== undefined);
  const said = covering.map((rule) => (rule.picks(device, unread) ? rule : withoutName(rule)));
  return uniteWords(said, device.devpath);
}

/** A name is of the device that a rule picks alone, and not of what is below. */
function withoutName(rule: CompiledRule): Speaker {
  const { as, ...others } = rule.words;
  return as === undefined ? rule : { text: rule.text, words: others };
}

function firstCovering(device: Facts, rules: readonly CompiledRule[], unread?: OnUnread) {
  for (const rule of rules) {
    const picked = uppermostPick(rule, device, unread);
    if (picked !== undefined) return { rule: rule.text, picked };
  }
  return undefined;
}

function uppermostPick(rule: CompiledRule, device: Facts, unread?: OnUnread): string | undefined {
  let picked: string | undefined;
  for (let at: Facts | undefined = device; at !== undefined; at = at.parent)
    if (rule.picks(at, unread)) picked = at.devpath;
  return picked;
}
