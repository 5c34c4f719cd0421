import { explain } from "./explain.js";
import type { Explained } from "./explain.js";
import type { KnownDevice } from "./known-device.js";

/** A device that another container holds. */
export interface HeldByOther {
  readonly devpath: string;
  readonly holder: string;
  /** Where that is written, if that one is attached elsewhere, or will be again. */
  readonly claim?: string | undefined;
}

/** The rules by which a container sees nothing, as others hold all that they let in: each with one of these devices. */
export function heldBack(container: Explained, devices: Iterable<KnownDevice>): ReadonlyMap<string, HeldByOther> {
  const held = new Map<string, HeldByOther>();
  const seen = new Set<string>();
  for (const device of devices) {
    const rules = device.picks.flatMap(({ allow }) => allow.get(container) ?? []);
    if (rules.length === 0) continue;
    const { reason, holder, claim, devpath } = explain(device, device.devpath, container);
    for (const { text } of rules)
      if (reason === "allowed") seen.add(text);
      else if (reason === "held" && holder !== undefined) held.set(text, { devpath, holder, claim });
  }
  return new Map([...held].filter(([text]) => !seen.has(text)));
}
