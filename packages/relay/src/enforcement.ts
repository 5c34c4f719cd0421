import type { Host } from "./host.js";
import { RuleSet } from "./policy.js";
import type { Subscriber, Unknown } from "./selection.js";

/** The rules of a container, as they were given and as they are in force. */
export class Enforcement {
  readonly #host: Host;
  readonly #subscriber: Subscriber;
  readonly #onWords: (words: ReadonlyMap<string, readonly string[]>) => void;
  #rules = RuleSet.empty;
  #inForce = RuleSet.empty;
  /** Resolves when all is known that deny rules in force ask about. */
  #known: Promise<unknown> = Promise.resolve();
  #last: Promise<void> | undefined;

  /** `onWords`: new rules say these, by rule, and nothing acts on them yet. */
  constructor(host: Host, subscriber: Subscriber, onWords: (words: ReadonlyMap<string, readonly string[]>) => void) {
    this.#host = host;
    this.#subscriber = subscriber;
    this.#onWords = onWords;
  }

  /** As they were given last: what a change builds on. */
  get rules(): RuleSet {
    return this.#rules;
  }

  /** Makes the rules the ones in force. Resolves when all that they ask about has been read. */
  enforce(rules: RuleSet): Promise<void> {
    this.#onWords(rules.wordsBeyond(this.#rules));
    this.#rules = rules;
    this.#last = this.#enforce(rules);
    return this.#last;
  }

  end(): void {
    this.#rules = RuleSet.empty;
    this.#last = undefined;
    this.#put(RuleSet.empty);
  }

  /** Deny rules are in force at once; an allow rule is not before it is known what they deny. */
  async #enforce(rules: RuleSet): Promise<void> {
    const before = this.#known;
    const unknown = this.#put(this.#inForce.plusDenied(rules));
    this.#host.flush();
    const learned = this.#learn(unknown);
    this.#known = Promise.allSettled([before, learned]);
    await learned;
    await before;
    if (this.#rules === rules) await this.#learn(this.#put(rules));
    else await this.#last; // later rules, which were made of these
  }

  #put(rules: RuleSet): readonly Unknown[] {
    const before = this.#inForce;
    this.#inForce = rules;
    const unknown = this.#host.selection.replace(before, rules, this.#subscriber, [...this.#host.allDevices()]);
    this.#subscriber.fallBehind(); // no event may be told by the new rules before what they changed
    return unknown;
  }

  async #learn(unknown: readonly Unknown[]): Promise<void> {
    await this.#host.learn([...unknown, ...this.#host.watchUdev()]);
  }
}
