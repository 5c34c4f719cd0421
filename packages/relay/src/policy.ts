import type { CompiledPolicy, CompiledRule, Effect, Policy, RuleLike, Words } from "@uevent-bridge/filter";
import { RuleError, checkWords, compilePolicy, formatRule, parseRule, unitePolicies } from "@uevent-bridge/filter";
import { isBaseName } from "@uevent-bridge/view";

/** A container's rules, each once, in the order in which they were given. Changing it makes another one. */
export class RuleSet {
  static readonly empty = RuleSet.of({});
  readonly compiled: CompiledPolicy;

  private constructor(compiled: CompiledPolicy) {
    this.compiled = compiled;
  }

  /** @throws RuleError */
  static of(policy: Policy): RuleSet {
    const compiled = compilePolicy(policy);
    for (const { text, words } of compiled.allow) checkNode(words, `the rule ${text}`);
    return new RuleSet(compiled);
  }

  /** @throws RuleError */
  with(effect: Effect, rules: readonly RuleLike[]): RuleSet {
    return this.#plus(RuleSet.of({ [effect]: rules }).compiled);
  }

  /** @throws RuleError */
  without(rules: readonly RuleLike[]): RuleSet {
    const taken = new Set(rules.map((rule) => formatRule(typeof rule === "string" ? parseRule(rule) : rule)));
    const stays = ({ text }: CompiledRule) => !taken.has(text);
    return new RuleSet({ allow: this.compiled.allow.filter(stays), deny: this.compiled.deny.filter(stays) });
  }

  /** What this set picks by and the other does not. */
  minus(other: RuleSet): readonly CompiledRule[] {
    const has = new Set(other.#rules.map(keyOf));
    return this.#rules.filter((rule) => !has.has(keyOf(rule)));
  }

  /** These rules, and the deny rules of the other set too. */
  plusDenied(other: RuleSet): RuleSet {
    return this.#plus({ allow: [], deny: other.compiled.deny });
  }

  /** The rules that are not in the other set, each with its words. */
  wordsBeyond(other: RuleSet): ReadonlyMap<string, readonly string[]> {
    return new Map(this.minus(other).map(({ text, words }) => [text, namesOf(words)]));
  }

  /** The first rule that looks into the host's udev database. */
  asksUdev(): string | undefined {
    return this.#rules.find(({ needsUdev }) => needsUdev)?.text;
  }

  #plus(more: CompiledPolicy): RuleSet {
    return new RuleSet(unitePolicies(this.compiled, more));
  }

  get #rules(): readonly CompiledRule[] {
    return [...this.compiled.allow, ...this.compiled.deny];
  }
}

/** The words of a grant, of which all has been checked. @throws RuleError */
export function grantedWords(given: Words): Words {
  const words = checkWords(given);
  checkNode(words, "the grant");
  return words;
}

/** As they are written: `mode=`, `exclusive`. */
export function namesOf(words: Words): readonly string[] {
  return Object.entries(words).map(asWritten);
}

/** Of the words of each rule those that are left, where there are any. */
export function wordsLeft(
  words: ReadonlyMap<string, readonly string[]>,
  isLeft: (word: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const left = Array.from(words, ([rule, said]) => [rule, said.filter(isLeft)] as const);
  return new Map(left.filter(([, said]) => said.length > 0));
}

/** Its node would hide what programs expect there, or not be there. @throws RuleError POLICY_CONFLICT */
function checkNode({ as }: Words, where: string): void {
  if (as === undefined || !isBaseName(as)) return;
  const message = `as=${as} of ${where}: each /dev has that, or what it is below, whatever devices are there`;
  throw new RuleError("POLICY_CONFLICT", message, "Give it another name: as=ttyRobot.");
}

function asWritten([word, value]: readonly [string, unknown]): string {
  return value === true ? word : `${word}=`;
}

function keyOf({ effect, text }: CompiledRule): string {
  return `${effect} ${text}`;
}
