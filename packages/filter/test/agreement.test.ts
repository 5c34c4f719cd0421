import {
  Router,
  compilePolicy,
  explain,
  parseRule,
  type CompiledPolicy,
  type CompiledRule,
  type Selector,
} from "@uevent-bridge/filter";
import fc from "fast-check";
import { expect, test } from "vitest";

import { recordedDevices } from "./corpus/corpus.js";
import type { TestDevice } from "./corpus/test-device.js";
import { policies } from "./generate/policies.js";
import { Shares } from "./generate/shares.js";
import { decide, type Rules } from "./plain/decide.js";
import { chainOf, picks } from "./plain/picks.js";

type Picked = ReadonlyMap<TestDevice, readonly Selector<string>[]>;

const RUNS = Number(process.env["AGREEMENT_RUNS"] ?? 100);
const TIMEOUT_MS = 120_000 + RUNS * 1000;
const devices = recordedDevices();

test("the router decides about every recorded device as the plain matcher does", { timeout: TIMEOUT_MS }, () => {
  const shares = new Shares();
  const property = fc.property(policies(devices), (texts) => {
    const policy = compilePolicy(texts);
    const picked = route(policy);
    const given = [...texts.allow, ...texts.deny].map((text) => parseRule(text as string));
    for (const [subscriber, rules] of Object.entries(bothWays(policy))) {
      const plain = devices.map((device) => [device.devpath, decide(device, rules)]);
      expect(devices.map((device) => [device.devpath, answer(picked, device, subscriber)])).toEqual(plain);
      shares.count(
        given,
        plain.map(([, reason]) => reason ?? ""),
      );
    }
  });
  fc.assert(property, { numRuns: RUNS });
  console.log(shares.table());
  expect(shares.tooRare()).toEqual([]);
});

test("explain agrees, and names a rule that picks where it says", { timeout: TIMEOUT_MS }, () => {
  const some = devices.filter((_, i) => i % 23 === 0);
  const property = fc.property(policies(devices), (texts) => {
    const policy = compilePolicy(texts);
    for (const device of some) {
      const { reason, rule, picked } = explain(device, policy);
      expect(reason).toBe(decide(device, bothWays(policy).box));
      if (reason === "no-rule") continue;
      const rules = (reason === "denied" ? policy.deny : policy.allow).filter(({ text }) => text === rule);
      const upper = [...chainOf(device)].findLast((at) => rules.some((each) => picks(each.rule, at)));
      expect(upper?.devpath).toBe(picked);
    }
  });
  fc.assert(property, { numRuns: RUNS });
});

/** Two subscribers with the same rules, most of them in the other role. */
function bothWays({ allow, deny }: CompiledPolicy): { box: Rules; other: Rules } {
  const rulesOf = (rules: readonly CompiledRule[]) => rules.map(({ rule }) => rule);
  const box = { allow: rulesOf(allow), deny: rulesOf(deny) };
  const other = { allow: [...box.deny, ...box.allow.slice(2)], deny: box.allow.slice(0, 2) };
  return { box, other };
}

function route(policy: CompiledPolicy): Picked {
  const router = new Router<string>();
  for (const [subscriber, { allow, deny }] of Object.entries(bothWays(policy))) {
    for (const rule of allow) router.add("allow", rule, subscriber);
    for (const rule of deny) router.add("deny", rule, subscriber);
  }
  return new Map(devices.map((device) => [device, router.picks(device)]));
}

function answer(picked: Picked, device: TestDevice, subscriber: string): string {
  const covering = [...chainOf(device)].flatMap((at) => picked.get(at as TestDevice) ?? []);
  if (covering.some(({ deny }) => deny.has(subscriber))) return "denied";
  return covering.some(({ allow }) => allow.has(subscriber)) ? "allowed" : "no-rule";
}
