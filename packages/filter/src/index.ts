/**
 * Device rules keyed on struct device: who may see which devices.
 * Pure functions and one index, for any JavaScript runtime. [docs/rules.md](../../docs/rules.md) explains the rules;
 * this page, the package.
 *
 * | you have                                  | you want                                     | call                            |
 * | ----------------------------------------- | -------------------------------------------- | ------------------------------- |
 * | a text from a user                        | a rule, or an error that points at the fault | `parseRule`                     |
 * | a rule                                    | its text, or to know that it is valid        | `formatRule`, `checkRule`       |
 * | a value from outside, for a rule          | a pattern that matches it alone              | `literal`                       |
 * | a rule with a preset                      | ordinary rules                               | `expand`                        |
 * | words for one device                      | to know that they are valid                  | `checkWords`                    |
 * | allow and deny rules                      | a policy that was checked as a whole         | `compilePolicy`, `unitePolicies` |
 * | a policy and a device                     | the rule that decides; its words             | `explain`, `words`              |
 * | the rules of many subscribers, and events | those that pick a device, at once            | `Router`                        |
 *
 * **Facts** are what a rule may ask about a device; the caller has them. An attribute that was not read is `Unread`:
 * the callback `unread(device, attribute)` hears which ones would decide. Read them, and ask again.
 *
 * **A rule picks a device.** What lies below is covered by it: `explain` and `words` follow the ancestors of a device,
 * `Router.picks` leaves that to the caller, who can keep the answer with each device.
 *
 * **Router.** Equal rules of many subscribers are one selector. It is found by one part of it, that which the fewest
 * others and the fewest devices share: a path in a tree of segments, an exact value by one look-up, a pattern by its
 * beginning. The rest is asked only where this part holds, so the cost of a search follows what matches, not how many
 * rules there are; `npm run bench` measures it. A new selector is asked for each device once (`Selector.picks`), and all
 * selectors for a device when its state changed (`Router.picks`).
 *
 * **Errors** are `RuleError`: a `code`, a `remedy`, and for a text the `rule` and the place `at` in it.
 *
 * **From a text to an answer.** `parse.ts` cuts a text into terms and `fields.ts` an object; `piece.ts` is a part that
 * knows where it stands. Both hand terms to `entry.ts`, which makes a rule. What a term is, how it is written and what it
 * sees of a device is a row in `terms/`. `compile.ts` makes conditions of a rule, `condition.ts` asks one of a device,
 * `router/` finds those that are worth asking.
 *
 * @example
 * import { Router, compilePolicy, unitePolicies, explain, literal } from "@uevent-bridge/filter";
 *
 * const properties = new Map([["DEVNAME", "ttyUSB0"]]); // of its uevent file
 * const tty = {
 *   devpath: "/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0",
 *   subsystem: "tty",
 *   parent: undefined, // or the device above it
 *   property: (key) => properties.get(key),
 *   attribute: () => undefined,
 *   links: [],
 *   tags: [],
 * };
 *
 * const serial = "A6008isP, rev 2"; // from outside: never put into a text
 * const policy = compilePolicy({
 *   allow: ["preset=base", "/dev/ttyUSB*", { usb: `0403:6001:${literal(serial)}` }],
 *   deny: ["driver=usb-storage"],
 * });
 * console.log(explain(tty, policy).rule); // devname=ttyUSB*
 *
 * const router = new Router(); // for many subscribers
 * for (const { effect, rule, text } of [...policy.allow, ...policy.deny]) router.add(effect, rule, "box", text);
 * router.add("allow", { devname: "ttyUSB*" }, "cell"); // the same selector
 * const [selector] = router.picks(tty);
 * console.log([...selector.allow.keys()]); // [ 'box', 'cell' ]
 *
 * @packageDocumentation
 */
export { RuleError } from "./errors.js";
export type { At, RuleErrorCode } from "./errors.js";
export { literal } from "./escape.js";
export { expand } from "./expand.js";
export { explain, words } from "./explain.js";
export type { Verdict } from "./explain.js";
export { Unread } from "./facts.js";
export type { Facts, OnUnread } from "./facts.js";
export { checkRule, formatRule } from "./format.js";
export { nearest } from "./nearest.js";
export { MAX_RULE_LENGTH, parseRule } from "./parse.js";
export { compilePolicy, unitePolicies } from "./policy.js";
export type { CompiledPolicy, CompiledRule } from "./policy.js";
export { presets } from "./presets.js";
export { Router } from "./router/router.js";
export type { Claim, Effect, Selector } from "./router/selector.js";
export type { Access, Kinds, Places, Policy, Rule, RuleLike, Words } from "./rule.js";
export { checkWords, leastWords, uniteWords } from "./words.js";
export type { Speaker } from "./words.js";
