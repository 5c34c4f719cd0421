import { nearest } from "@uevent-bridge/filter";

import { parseRule } from "../rules.js";

const WILD = /[*?[\\|]/;

/** What to do about rules that let no device in: a subsystem of which no device is may be mistyped. */
export function whatThereIs(allow: readonly string[], subsystems: ReadonlySet<string>): string {
  const missing = allow.map((rule) => parseRule(rule).subsystem).find((name) => isMissing(name, subsystems));
  if (missing === undefined) return "All that there is: uevent-bridge match --allow /devices.";
  const near = nearest(missing, subsystems);
  const remedy = near === undefined ? `There are: ${[...subsystems].sort().join(", ")}.` : `Did you mean ${near}?`;
  return `No device has the subsystem ${missing}. ${remedy}`;
}

function isMissing(name: string | undefined, subsystems: ReadonlySet<string>): boolean {
  return name !== undefined && !WILD.test(name) && !subsystems.has(name);
}
