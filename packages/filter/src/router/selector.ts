import { picks, type Anchor, type Picker } from "../compile.js";
import type { Facts, OnUnread } from "../facts.js";
import type { Rule, Words } from "../rule.js";

export type Effect = "allow" | "deny";

/** A rule of one subscriber. */
export interface Claim<S> {
  readonly subscriber: S;
  /** What the subscriber calls it: the text of the rule that it gave. */
  readonly text: string;
  readonly words: Words;
}

/** What all rules with the same places and kinds pick, whoever gave them. */
export interface Selector<S> {
  /** Without words. */
  readonly rule: Rule;
  /** The canonical text of `rule`. */
  readonly text: string;
  /** True if a term looks into the host's udev database. */
  readonly needsUdev: boolean;
  /** False if the devpath alone decides. */
  readonly dependsOnState: boolean;
  /** Who allows by it; empty, like `deny`, once the last claim is gone. */
  readonly allow: ReadonlyMap<S, readonly Claim<S>[]>;
  readonly deny: ReadonlyMap<S, readonly Claim<S>[]>;
  /** True if it picks this device itself; as `Router.picks`, for this selector alone. */
  picks(device: Facts, unread?: OnUnread): boolean;
}

/** A selector as the router keeps it. */
export class SharedSelector<S> implements Selector<S> {
  readonly picker: Picker;
  readonly anchor: Anchor;
  readonly allow = new Map<S, readonly Claim<S>[]>();
  readonly deny = new Map<S, readonly Claim<S>[]>();
  /** The search that came across it last. */
  seenIn = 0;

  constructor(picker: Picker, anchor: Anchor) {
    this.picker = picker;
    this.anchor = anchor;
  }

  get rule(): Rule {
    return this.picker.rule;
  }

  get text(): string {
    return this.picker.text;
  }

  get needsUdev(): boolean {
    return this.picker.needsUdev;
  }

  get dependsOnState(): boolean {
    return this.picker.dependsOnState;
  }

  get isUnclaimed(): boolean {
    return this.allow.size === 0 && this.deny.size === 0;
  }

  picks(device: Facts, unread?: OnUnread): boolean {
    return picks(this.picker, device, unread);
  }

  claim(effect: Effect, claim: Claim<S>): void {
    this.unclaim(effect, claim.subscriber, claim.text);
    this[effect].set(claim.subscriber, [...(this[effect].get(claim.subscriber) ?? []), claim]);
  }

  unclaim(effect: Effect, subscriber: S, text: string): void {
    const left = this[effect].get(subscriber)?.filter((claim) => claim.text !== text) ?? [];
    if (left.length === 0) this[effect].delete(subscriber);
    else this[effect].set(subscriber, left);
  }
}
