import { formatRule as format, parseRule as parse } from "@uevent-bridge/filter";
import type { Rule } from "@uevent-bridge/filter";

import { withBridgeErrors } from "./bridge-errors.js";

/** One rule from its text; the exact inverse of `formatRule`. @throws BridgeError RULE_*, with `at` */
export function parseRule(text: string): Rule {
  return withBridgeErrors(() => parse(text));
}

/** The text of a rule; the exact inverse of `parseRule`. @throws BridgeError RULE_* */
export function formatRule(rule: Rule): string {
  return withBridgeErrors(() => format(rule));
}
