import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { openRelay } from "@uevent-bridge/relay";
import type { Container, Policy, Relay } from "@uevent-bridge/relay";

import type { DemoContainer } from "./container.js";
import type { Channel, Sighting } from "./sighting.js";
import type { Stage } from "./stage.js";
import { tapped } from "./tap.js";
import type { Evidence } from "./verdict.js";

const LATE_MS = 50; // what a driver says after its call returned
const LOOKS_MAX = 50; // at what came meanwhile: a host may never be silent

/** What the two containers may see. */
export interface Policies {
  /** The one that may see the device that comes and goes. */
  readonly box: Policy;
  /** The one that may not. */
  readonly other: Policy;
}

export interface Performance {
  readonly stage: Stage;
  readonly policies: Policies;
  /** Milliseconds between steps. */
  readonly paceMs: number;
  /** Where the containers' directories are made. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Called when both containers wait for events. */
  readonly onReady: (containers: readonly Container[]) => void;
  /** Called after each step with all that was seen so far. */
  readonly onStep: (evidence: Evidence) => void;
  /** Told of the namespaces that were made. */
  readonly namespaces: Set<string>;
}

/** Has the stage's events happen before two containers and returns what everybody read. All is gone afterwards. */
export async function perform(performance: Performance): Promise<Evidence> {
  const { stage, directory, signal, namespaces } = performance;
  await using box = await stage.start("box", join(directory, "box"));
  await using other = await stage.start("other", join(directory, "other"));
  for (const name of [...box.namespaces, ...other.namespaces]) namespaces.add(name);
  const host: Sighting[] = [];
  const kernel = tapped(stage.kernel, (sighting) => host.push(sighting));
  await using relay = await openRelay({ kernel, runtimeDir: directory, signal });
  const attached = [
    await attach(relay, box, performance.policies.box),
    await attach(relay, other, performance.policies.other),
  ];
  performance.onReady(attached);
  const evidence = { device: stage.device, host, box: box.heard, other: other.heard, channels: channelsOf(attached) };
  await allRead(relay, box, other);
  host.length = 0; // what came before the first step is not part of it
  for (const step of stage.steps) {
    step();
    await allOf(host, () => allRead(relay, box, other));
    performance.onStep(evidence);
    await sleep(performance.paceMs, undefined, { signal });
  }
  await sleep(LATE_MS, undefined, { signal });
  await allOf(host, () => allRead(relay, box, other));
  performance.onStep(evidence);
  return evidence;
}

function attach(relay: Relay, { name, directory, target }: DemoContainer, policy: Policy): Promise<Container> {
  const deliver = { socket: directory, netlink: "auto" } as const;
  return relay.attach({ name, deliver, ...policy, ...target });
}

/** The ways by which all of them are told. */
function channelsOf(containers: readonly Container[]): Channel[] {
  const channels: Channel[] = ["socket", "netlink"];
  const isOn = ({ delivery }: Container, channel: Channel): boolean =>
    delivery.some((each) => each.channel === channel && each.choice !== "off");
  return channels.filter((channel) => containers.every((container) => isOn(container, channel)));
}

/** What the host heard while all was read is read too. */
async function allOf(host: readonly Sighting[], read: () => Promise<void>): Promise<void> {
  for (let looks = 0, before = -1; before !== host.length && looks < LOOKS_MAX; looks++) {
    before = host.length;
    await read();
  }
}

async function allRead(relay: Relay, ...containers: readonly DemoContainer[]): Promise<void> {
  await relay.settle();
  await Promise.all(containers.map((container) => container.sync()));
}
