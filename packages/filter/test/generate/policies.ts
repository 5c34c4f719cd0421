import type { Policy, Rule } from "@uevent-bridge/filter";
import { RuleError, compilePolicy, formatRule } from "@uevent-bridge/filter";
import fc from "fast-check";

import type { TestDevice } from "../corpus/test-device.js";
import { broadRule, ruleNear, words } from "./rules.js";

/** Policies as texts, with rules near the devices. */
export function policies(devices: readonly TestDevice[]): fc.Arbitrary<Required<Policy>> {
  const device = fc.constantFrom(...devices);
  const rule = fc.oneof(
    { weight: 8, arbitrary: device.chain(ruleNear) },
    { weight: 3, arbitrary: device.chain(broadRule) },
    { weight: 1, arbitrary: fc.constant<Rule>({ preset: "base" }) },
  );
  const worded = fc.tuple(rule, fc.oneof(fc.constant({}), words)).map(([picking, said]) => ({ ...picking, ...said }));
  const policy = fc.record({
    allow: fc.array(worded.map(formatRule), { minLength: 1, maxLength: 8 }),
    deny: fc.array(rule.map(formatRule), { maxLength: 6 }),
  });
  return fc.noBias(policy.filter(isFreeOfConflicts)); // small numbers would mean short paths and first devices
}

/** Rules that pick alike and differ in words are refused, and tested elsewhere. */
function isFreeOfConflicts(policy: Policy): boolean {
  try {
    compilePolicy(policy);
    return true;
  } catch (error) {
    if (error instanceof RuleError && error.code === "POLICY_CONFLICT") return false;
    throw error;
  }
}
