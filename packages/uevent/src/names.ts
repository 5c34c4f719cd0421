import { type Malformed, malformed } from "./malformed.js";

// Each looks at one name of an event that begins at byte `offset` of its datagram.

/** The set of actions is open, their alphabet is not. */
export function checkAction(action: string, offset: number): Malformed | undefined {
  if (action === "") return malformed("empty-action", offset);
  return /^[a-zA-Z0-9_-]+$/.test(action) ? undefined : malformed("odd-action", offset);
}

/** Control characters are no fault: a network device's name may have them. */
export function checkDevpath(devpath: string, offset: number): Malformed | undefined {
  if (!devpath.startsWith("/")) return malformed("devpath-not-absolute", offset);
  const odd = /\/(\.{0,2})(?=\/|$)/.exec(devpath);
  if (!odd) return undefined;
  const reason = odd[1] === "" ? "devpath-empty-segment" : "devpath-dot-segment";
  return malformed(reason, offset + odd.index + "/".length);
}

/** It is the name of a directory below `/sys/class` or `/sys/bus`. */
export function checkSubsystem(subsystem: string, offset: number): Malformed | undefined {
  return /^\.{0,2}$|\//.test(subsystem) ? malformed("odd-subsystem", offset) : undefined;
}
