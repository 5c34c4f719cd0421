import { getOrMake } from "./get-or-make.js";
import { compileChecked, picks, type Picker } from "./compile.js";
import { expand } from "./expand.js";
import type { Facts, OnUnread } from "./facts.js";
import { readFields } from "./fields.js";
import { checkRule, readRule, writeRule } from "./format.js";
import { readText } from "./parse.js";
import type { Effect } from "./router/selector.js";
import type { Policy, Rule, RuleLike, Words } from "./rule.js";
import { uniteWords, wordsOf } from "./words.js";

/** A rule that is ready to be asked. */
export interface CompiledRule {
  readonly effect: Effect;
  /** The canonical text of the rule as it was given, a preset's name included: what `explain` names. */
  readonly text: string;
  /** One ordinary rule, words included. */
  readonly rule: Rule;
  readonly words: Words;
  /** The canonical text without words, as `Selector.text`. */
  readonly selector: string;
  /** True if a term looks into the host's udev database. */
  readonly needsUdev: boolean;
  /** True if it picks this device itself; as `Router.picks`. */
  picks(device: Facts, unread?: OnUnread): boolean;
}

/** A policy that was checked, its presets expanded. */
export interface CompiledPolicy {
  readonly allow: readonly CompiledRule[];
  readonly deny: readonly CompiledRule[];
}

/**
 * @throws RuleError for the first rule that is not valid; POLICY_CONFLICT for words on a deny rule and for two allow
 * rules that pick alike and differ in `as`, `mode` or `owner`
 */
export function compilePolicy({ allow = [], deny = [] }: Policy): CompiledPolicy {
  deny.forEach(checkNoWords);
  const policy = {
    allow: allow.flatMap((rule) => compileRule("allow", rule)),
    deny: deny.flatMap((rule) => compileRule("deny", rule)),
  };
  checkTwins(policy.allow);
  return policy;
}

/**
 * The rules of both, those with the same text once.
 * @throws RuleError POLICY_CONFLICT as `compilePolicy`
 */
export function unitePolicies(a: CompiledPolicy, b: CompiledPolicy): CompiledPolicy {
  const united = { allow: unite(a.allow, b.allow), deny: unite(a.deny, b.deny) };
  checkTwins(united.allow);
  return united;
}

function unite(a: readonly CompiledRule[], b: readonly CompiledRule[]): readonly CompiledRule[] {
  const has = new Set(a.map(({ text }) => text));
  return [...a, ...b.filter(({ text }) => !has.has(text))];
}

function checkNoWords(rule: RuleLike): void {
  const entries = typeof rule === "string" ? readText(rule) : readFields(rule);
  const word = entries.find(({ term }) => term.role === "word");
  if (word === undefined) return;
  throw word.whole.fail("A deny rule gives nothing", `Take ${word.term.name} out of it.`, "POLICY_CONFLICT");
}

/** Rules that pick alike would differ on every device that they pick. */
function checkTwins(rules: readonly CompiledRule[]): void {
  const bySelector = new Map<string, CompiledRule[]>();
  for (const rule of rules) getOrMake(bySelector, rule.selector, () => []).push(rule);
  for (const [selector, twins] of bySelector) uniteWords(twins, selector);
}

function compileRule(effect: Effect, given: RuleLike): CompiledRule[] {
  const rule = readRule(given);
  const text = writeRule(rule);
  const rules = rule.preset === undefined ? [rule] : expand(rule).map(checkRule);
  return rules.map((each) => new Compiled(effect, text, each));
}

class Compiled implements CompiledRule {
  readonly effect: Effect;
  readonly text: string;
  readonly rule: Rule;
  readonly words: Words;
  readonly #picker: Picker;

  constructor(effect: Effect, text: string, rule: Rule) {
    this.effect = effect;
    this.text = text;
    this.rule = rule;
    this.words = wordsOf(rule);
    this.#picker = compileChecked(rule);
  }

  get selector(): string {
    return this.#picker.text;
  }

  get needsUdev(): boolean {
    return this.#picker.needsUdev;
  }

  picks(device: Facts, unread?: OnUnread): boolean {
    return picks(this.#picker, device, unread);
  }
}
