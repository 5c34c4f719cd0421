import type { Facts, Rule } from "@uevent-bridge/filter";

import { chainOf, picks } from "./picks.js";

export interface Rules {
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
}

/** Visible is what an allow covers and no deny; a rule covers what it picks and all below. */
export function decide(device: Facts, { allow, deny }: Rules): "allowed" | "denied" | "no-rule" {
  if (deny.some((rule) => covers(rule, device))) return "denied";
  return allow.some((rule) => covers(rule, device)) ? "allowed" : "no-rule";
}

export function covers(rule: Rule, device: Facts): boolean {
  return [...chainOf(device)].some((at) => picks(rule, at));
}
