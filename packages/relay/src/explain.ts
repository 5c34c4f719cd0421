import type { CompiledPolicy } from "@uevent-bridge/filter";
import { explain as explainDevice } from "@uevent-bridge/filter";

import { holderOf } from "./claiming.js";
import type { KnownDevice } from "./known-device.js";
import type { RecentEvent } from "./recent.js";
import type { Selection, Subscriber } from "./selection.js";
import type { Decision, DeliveryChoice, Explanation } from "./types.js";

/** A container as far as an explanation needs it. */
export interface Explained extends Subscriber {
  readonly policy: CompiledPolicy;
  readonly selection: Selection;
}

/** Why a container sees a device, or why it does not. */
export function explain(
  device: KnownDevice | undefined,
  asked: string,
  container: Explained,
): Omit<Explanation, "channels" | "openBy" | "frozen"> {
  if (!device) return { devpath: asked, reason: "absent" };
  const byRules = explainByRules(device, container);
  const holder = holderOf(device);
  const isHeld = byRules.reason === "allowed" && !container.selection.sees(container, device);
  return {
    ...byRules,
    ...(isHeld && { reason: "held" }),
    ...(holder !== undefined && heldBy(device, holder, container)),
  };
}

function heldBy(device: KnownDevice, holder: string, { selection }: Explained): Pick<Explanation, "holder" | "claim"> {
  const claim = selection.claims.fileOf(device, holder);
  return { holder, ...(claim !== undefined && { claim }) };
}

function explainByRules(
  device: KnownDevice,
  container: Explained,
): Omit<Explanation, "channels" | "openBy" | "frozen"> {
  const { policy, netns } = container;
  const { devpath } = device;
  if (device.netns !== undefined && device.netns !== netns) return { devpath, reason: "other-netns" };
  const revoked = findUpwards(device, (at) => at.revoked?.has(container) ?? false);
  if (revoked) return { devpath, reason: "denied", rule: `revoke ${revoked.devpath}`, picked: revoked.devpath };
  const { reason, rule, picked } = explainDevice(device, policy);
  const granted = findUpwards(device, (at) => at.granted?.has(container) ?? false);
  if (reason === "no-rule" && granted)
    return { devpath, reason: "allowed", rule: `grant ${granted.devpath}`, picked: granted.devpath };
  return { devpath, reason, ...(rule !== undefined && { rule }), ...(picked !== undefined && { picked }) };
}

function findUpwards(device: KnownDevice, isSought: (at: KnownDevice) => boolean): KnownDevice | undefined {
  for (let at: KnownDevice | undefined = device; at; at = at.parent) if (isSought(at)) return at;
  return undefined;
}

/** What became of the last events for a container, since a time. */
export function explainLog(events: readonly RecentEvent[], since: Date | undefined, container: Explained): Decision[] {
  const from = since?.getTime() ?? 0;
  return events.filter(({ time }) => time >= from).map((event) => decisionOf(event, container));
}

/** Whether each way of delivery is open. */
export function channelsOf(delivery: readonly DeliveryChoice[]): Explanation["channels"] {
  return Object.fromEntries(delivery.map(({ channel, choice }) => [channel, choice === "off" ? "off" : "ok"]));
}

function decisionOf({ time, action, devpath, about }: RecentEvent, container: Explained): Decision {
  const base = { time: new Date(time), action, devpath };
  if (typeof about === "string") return { ...base, reason: about };
  const { reason, rule } = explain(about, devpath, container);
  return { ...base, reason, ...(rule !== undefined && { rule }) };
}
