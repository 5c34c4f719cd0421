import type { Effect, Policy, Rule, RuleLike } from "@uevent-bridge/filter";
import { Router, checkRule, expand, formatRule, parseRule } from "@uevent-bridge/filter";

import type { Claimed } from "./selection.js";

/** One rule of a container as it was given, with what it expands to. */
interface Entry {
  readonly effect: Effect;
  readonly text: string;
  readonly rules: readonly Rule[];
}

/** A container's rules, in the order in which they were given. Changing it makes another one. */
export class RuleSet {
  static readonly empty = new RuleSet([]);
  readonly entries: readonly Entry[];

  private constructor(entries: readonly Entry[]) {
    this.entries = entries;
  }

  /** @throws RuleError */
  static of(policy: Policy): RuleSet {
    return RuleSet.empty.with("allow", policy.allow ?? []).with("deny", policy.deny ?? []);
  }

  /** @throws RuleError */
  with(effect: Effect, rules: readonly RuleLike[]): RuleSet {
    const known = new Set(this.entries.filter((entry) => entry.effect === effect).map((entry) => entry.text));
    const added = rules.map((rule) => toEntry(effect, rule)).filter(({ text }) => !known.has(text) && known.add(text));
    return new RuleSet([...this.entries, ...added]);
  }

  /** @throws RuleError */
  without(rules: readonly RuleLike[]): RuleSet {
    const texts = new Set(rules.map((rule) => toEntry("allow", rule).text));
    return new RuleSet(this.entries.filter((entry) => !texts.has(entry.text)));
  }

  /** The first rule that looks into the host's udev database. */
  asksUdev(): string | undefined {
    return this.entries.find(({ rules }) => rules.some((rule) => new Router().add("allow", rule, "").needsUdev))?.text;
  }

  get policy(): Policy {
    const of = (effect: Effect) => this.entries.filter((entry) => entry.effect === effect).map((entry) => entry.text);
    return { allow: of("allow"), deny: of("deny") };
  }

  /** What this set picks by and the other does not. */
  minus(other: RuleSet): readonly Claimed[] {
    const has = new Set(other.entries.map((entry) => `${entry.effect} ${entry.text}`));
    const more = this.entries.filter((entry) => !has.has(`${entry.effect} ${entry.text}`));
    return more.flatMap(({ effect, text, rules }) => rules.map((rule) => ({ effect, text, rule })));
  }
}

function toEntry(effect: Effect, like: RuleLike): Entry {
  const rule = typeof like === "string" ? parseRule(like) : checkRule(like);
  return { effect, text: formatRule(rule), rules: expand(rule) };
}
