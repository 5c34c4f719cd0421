import { compile, undecided, type Picker } from "../compile.js";
import { sayUnread } from "../condition.js";
import type { Facts, OnUnread } from "../facts.js";
import { formatRule } from "../format.js";
import type { Rule } from "../rule.js";
import { wordsOf } from "../words.js";
import { Anchors } from "./anchors.js";
import { SharedSelector, type Effect, type Selector } from "./selector.js";

/**
 * The rules of all subscribers, found by a device. The cost of a search follows the depth of the device and what
 * matches it, not how many rules there are; equal rules of many subscribers are one selector.
 *
 * @example
 * const router = new Router<string>();
 * router.add("allow", parseRule("port=1-1.3,subsystem=tty"), "box");
 * router.picks(device).some((selector) => selector.allow.has("box"));
 */
export class Router<S> {
  readonly #selectors = new Map<string, SharedSelector<S>>();
  readonly #anchors = new Anchors<SharedSelector<S>>();
  #searches = 0;
  #udevUsers = 0;

  /** True if a rule looks into the host's udev database. */
  get needsUdev(): boolean {
    return this.#udevUsers > 0;
  }

  /**
   * Adds a rule of a subscriber; the same one again changes nothing. A selector that is new has picked nothing yet:
   * ask its `picks` for each device that exists.
   *
   * @param text what the subscriber calls the rule; two rules of one subscriber may pick alike under different texts
   * @throws RuleError if the rule is not valid or has a preset: `expand` comes first
   */
  add(effect: Effect, rule: Rule, subscriber: S, text?: string): Selector<S> {
    const picker = compile(rule);
    const words = wordsOf(rule);
    let selector = this.#selectors.get(picker.text);
    if (selector === undefined) {
      selector = new SharedSelector<S>(picker, this.#anchors.choose(picker));
      this.#selectors.set(picker.text, selector);
      this.#anchors.add(selector);
      if (selector.needsUdev) this.#udevUsers++;
    }
    selector.claim(effect, { subscriber, text: text ?? nameOf(rule, picker), words });
    return selector;
  }

  /**
   * Takes back what `add` with the same arguments did. Returns the selector, which nobody finds any more if nobody
   * claims it; undefined if there was none.
   */
  remove(effect: Effect, rule: Rule, subscriber: S, text?: string): Selector<S> | undefined {
    const picker = compile(rule);
    const selector = this.#selectors.get(picker.text);
    if (selector === undefined) return undefined;
    selector.unclaim(effect, subscriber, text ?? nameOf(rule, picker));
    if (selector.isUnclaimed) this.#forget(selector);
    return selector;
  }

  /**
   * The selectors that pick this device itself; what lies below it is for the caller to cover. An attribute that was
   * not read and could decide goes to `unread` and counts as not matching: read it and ask again.
   */
  picks(device: Facts, unread?: OnUnread): readonly Selector<S>[] {
    const search = ++this.#searches;
    const picked: Selector<S>[] = [];
    const asked: Parameters<OnUnread>[] = []; // said at the end: who is told may ask the router
    const ask: OnUnread = (at, attribute) => asked.push([at, attribute]);
    this.#anchors.find(device, {
      found: (selectors) => {
        for (const selector of selectors) {
          if (selector.seenIn === search) continue;
          selector.seenIn = search;
          if (isPicked(selector, device, ask)) picked.push(selector);
        }
      },
      unread: (selectors, at) => {
        for (const selector of selectors) sayUnreadAnchor(selector, device, at, ask);
      },
    });
    if (unread !== undefined) for (const [at, attribute] of asked) unread(at, attribute);
    return picked;
  }

  #forget(selector: SharedSelector<S>): void {
    this.#selectors.delete(selector.text);
    this.#anchors.delete(selector);
    if (selector.needsUdev) this.#udevUsers--;
  }
}

/** The canonical text of a rule, words included. */
function nameOf(rule: Rule, picker: Picker): string {
  return Object.keys(wordsOf(rule)).length === 0 ? picker.text : formatRule(rule);
}

/** As `Selector.picks`, for one whose anchor holds. */
function isPicked<S>({ picker, anchor }: SharedSelector<S>, device: Facts, unread: OnUnread): boolean {
  const open = undecided(picker, device, anchor);
  for (const condition of open ?? []) sayUnread(condition, device, unread);
  return open?.length === 0;
}

/** Says that the anchor's attribute must be read at `at`, and whatever else is open, unless the rest fails anyway. */
function sayUnreadAnchor<S>({ picker, anchor }: SharedSelector<S>, device: Facts, at: Facts, unread: OnUnread): void {
  const open = undecided(picker, device, anchor);
  if (open === undefined || !("look" in anchor)) return;
  unread(at, anchor.look.attribute?.(anchor.key) ?? "");
  for (const condition of open) sayUnread(condition, device, unread);
}
