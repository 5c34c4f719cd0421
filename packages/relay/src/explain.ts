import type { CompiledPolicy } from "@uevent-bridge/filter";
import { explain as explainDevice } from "@uevent-bridge/filter";

import type { KnownDevice } from "./known-device.js";
import type { RecentEvent } from "./recent.js";
import type { Decision, DeliveryChoice, Explanation } from "./types.js";

/** A container as far as an explanation needs it. */
export interface Explained {
  readonly policy: CompiledPolicy;
  readonly netns: bigint | undefined;
}

/** Why a container sees a device, or why it does not. */
export function explain(
  device: KnownDevice | undefined,
  asked: string,
  { policy, netns }: Explained,
): Omit<Explanation, "channels"> {
  if (!device) return { devpath: asked, reason: "absent" };
  const { devpath } = device;
  if (device.netns !== undefined && device.netns !== netns) return { devpath, reason: "other-netns" };
  const { reason, rule, picked } = explainDevice(device, policy);
  return { devpath, reason, ...(rule !== undefined && { rule }), ...(picked !== undefined && { picked }) };
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
