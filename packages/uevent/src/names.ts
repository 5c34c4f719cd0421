import { type Malformed, malformed } from "./malformed.js";

/** What is wrong with an action that begins at byte `offset`. The set of actions is open, their alphabet is not. */
export function checkAction(action: string, offset: number): Malformed | undefined {
  if (action === "") return malformed("empty-action", offset);
  return /^[a-zA-Z0-9_-]+$/.test(action) ? undefined : malformed("odd-action", offset);
}

/** What is wrong with a devpath that begins at byte `offset`. Control characters are no fault: a network device's name may have them. */
export function checkDevpath(devpath: string, offset: number): Malformed | undefined {
  if (!devpath.startsWith("/")) return malformed("devpath-not-absolute", offset);
  const odd = /\/(\.{0,2})(?=\/|$)/.exec(devpath);
  if (!odd) return undefined;
  const reason = odd[1] === "" ? "devpath-empty-segment" : "devpath-dot-segment";
  return malformed(reason, offset + odd.index + "/".length);
}

/** True for what can be a directory below `/sys/class` or `/sys/bus`. */
export function isSubsystem(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/");
}
