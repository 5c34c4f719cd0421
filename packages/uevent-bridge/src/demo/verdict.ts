import { withoutSeqnum } from "@uevent-bridge/uevent";

import type { Channel, Heard, Sighting } from "./sighting.js";
import { headerOf, isAtOrBelow } from "./sighting.js";

/** What was seen while the demo ran. */
export interface Evidence {
  /** The device that came and went: one container may see it, the other may not. */
  readonly device: string;
  readonly host: readonly Sighting[];
  /** The container that may see it. */
  readonly box: Heard;
  /** The one that may not. It may see something else, so that its silence proves something. */
  readonly other: Heard;
  /** The ways of delivery that both have. */
  readonly channels: readonly Channel[];
}

export interface Verdict {
  /** Events that the host's kernel said. */
  readonly host: number;
  /** Those of them that the container which may see the device was told. */
  readonly told: number;
  /** Those that the other one was not told. */
  readonly hidden: number;
  /** From the host's read to the container's read of the same event, by socket; absent if nothing was told. */
  readonly medianMs?: number;
  /** What was not as it should be; none: all is well. */
  readonly problems: readonly string[];
}

/** Judges by the bytes alone: exactly the device's events to the one, in order and unchanged, none of them to the other. */
export function judge({ host, box, other, channels, device }: Evidence): Verdict {
  const wanted = host.filter(({ bytes }) => isOf(device, bytes));
  const leaked = channels.flatMap((channel) => other[channel]).filter(({ bytes }) => isOf(device, bytes));
  const told = matched(host, box.socket);
  const latency = median([...told].map(([from, to]) => milliseconds(from, to)));
  return {
    host: host.length,
    told: told.size,
    hidden: host.length - matched(host, other.socket).size,
    ...(latency !== undefined && { medianMs: latency }),
    problems: [
      ...(wanted.length === 0 ? ["the kernel said nothing of the device"] : []),
      ...channels.flatMap((channel) => differences(channel, wanted, box[channel])),
      ...channels.flatMap((channel) => deafness(channel, other[channel])),
      ...leaked.map(({ bytes }) => `the container that may not see it was told ${nameOf(bytes)}`),
    ],
  };
}

/** Each of the host's events that was told, with where it was told; both in order. */
export function matched(host: readonly Sighting[], told: readonly Sighting[]): ReadonlyMap<Sighting, Sighting> {
  const pairs = new Map<Sighting, Sighting>();
  const keys = host.map(({ bytes }) => keyOf(bytes));
  let next = 0;
  for (const sighting of told) {
    const at = keys.indexOf(keyOf(sighting.bytes), next);
    const event = host[at];
    if (!event) continue;
    pairs.set(event, sighting);
    next = at + 1;
  }
  return pairs;
}

/** From one read to another. */
export function milliseconds(from: Sighting, to: Sighting): number {
  return Number(to.at - from.at) / 1e6;
}

function differences(channel: string, wanted: readonly Sighting[], told: readonly Sighting[]): string[] {
  const expected = wanted.map(({ bytes }) => keyOf(bytes));
  const actual = told.map(({ bytes }) => keyOf(bytes));
  if (expected.length === actual.length && expected.every((key, i) => key === actual[i])) return [];
  const first = expected.findIndex((key, i) => key !== actual[i]);
  const where = nameOf((wanted[first] ?? told[expected.length])?.bytes ?? new Uint8Array());
  return [`by ${channel} ${told.length} events were told of ${wanted.length}, the first difference is at ${where}`];
}

function deafness(channel: string, heard: readonly Sighting[]): string[] {
  return heard.length > 0
    ? []
    : [`the container that may not see it heard nothing at all by ${channel}: it may be deaf`];
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** All of a datagram but its SEQNUM, which is each outlet's own. */
function keyOf(bytes: Uint8Array): string {
  return Buffer.from(withoutSeqnum(bytes)).toString("latin1");
}

function isOf(device: string, bytes: Uint8Array): boolean {
  return isAtOrBelow(headerOf(bytes).devpath, device);
}

function nameOf(bytes: Uint8Array): string {
  const { action, devpath } = headerOf(bytes);
  return `${action} ${devpath}`;
}
