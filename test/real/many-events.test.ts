import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

import { openLinux } from "@uevent-bridge/linux";
import type { AttachOptions, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { Collector } from "./collector/collector.js";
import { startContainer } from "./container.js";
import { headers, openHostReader, seqnumOf, withoutSeqnum } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const EVENTS = Number(process.env["MANY_EVENTS"] ?? 10_000);
vi.setConfig({ testTimeout: 120_000 + EVENTS });

/** Which of six devices each of three containers may see. */
const SEES: readonly (readonly number[])[] = [
  [0, 1],
  [2, 3, 4],
  [0, 2, 4, 5],
];
/** Events after which the listeners are waited for: fewer than what may wait for one of them. */
const BLOCK = 1000;

interface Told {
  readonly sees: readonly string[];
  readonly collector: Collector;
}

const needed = needs("root", "loop devices", "debian package python3");

describe(`${EVENTS} events of real devices to three containers`, needed, () => {
  test.each([
    ["socket", { socket: true }],
    ["netlink", { netlink: "kernel" }],
  ] as const)("by %s: each is told its own, in order, none missing and none twice", async (way, deliver) => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    const { devices } = stack.use(withLoops(6));
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: directory }));
    const told: Told[] = [];
    for (const [i, numbers] of SEES.entries()) {
      const allow = numbers.map((number) => devices[number] ?? "");
      told.push(await attach(stack, relay, directory, { name: `box${i}`, allow, deliver }));
    }
    const kernel = stack.use(openHostReader());
    await write(devices, told);
    kernel.drain();
    const said = kernel.heard.filter(isOf(devices));
    expect(said).toHaveLength(EVENTS);

    for (const { sees, collector } of told) {
      const due = said.filter(isOf(sees));
      const heard = await collector.end(sees.length + due.length);
      const [coldplug, events] = [heard.slice(0, sees.length), heard.slice(sees.length)];
      expect(headers(coldplug).toSorted()).toEqual(sees.map((devpath) => `add@${devpath}`).toSorted());
      expect(events.map(withoutSeqnum)).toEqual(due.map(withoutSeqnum));
      if (way === "socket") expect(heard.map(seqnumOf)).toEqual(heard.map((_, i) => i + 1));
    }
  });
});

/** A container with somebody who listens and has begun to hear his coldplug. */
async function attach(
  stack: Stack,
  relay: Relay,
  directory: string,
  { name, allow, deliver }: Required<Pick<AttachOptions, "name" | "deliver">> & { readonly allow: readonly string[] },
): Promise<Told> {
  const { pid } = stack.use(await startContainer());
  const { mounts } = await relay.attach({ name, pid, allow, deliver });
  const file = join(directory, `heard-by-${name}`);
  const socket = mounts[0] && join(mounts[0].source, "a.sock");
  const collector = stack.use(socket ? Collector.onSocket(file, socket) : Collector.onNetlink(file, pid));
  await collector.hasHeard(1);
  return { sees: allow, collector };
}

/** Has the kernel say EVENTS events of all devices, mixed, as fast as the slowest reads. */
async function write(devices: readonly string[], told: readonly Told[]): Promise<void> {
  const counts = new Map(devices.map((devpath) => [devpath, 1])); // the coldplug
  const due = ({ sees }: Told) => sees.reduce((sum, devpath) => sum + (counts.get(devpath) ?? 0), 0);
  for (let i = 0; i < EVENTS; i++) {
    const devpath = devices[(i * 7919 + (i >> 3)) % devices.length] ?? "";
    change(devpath);
    counts.set(devpath, (counts.get(devpath) ?? 0) + 1);
    if (i % 64 === 0) await nextTurn(); // the relay reads
    if (i % BLOCK === 0) await Promise.all(told.map((each) => each.collector.hasHeard(due(each))));
  }
}

function isOf(devices: readonly string[]): (bytes: Uint8Array) => boolean {
  const wanted = new Set(devices.map((devpath) => `change@${devpath}`));
  return (bytes) => wanted.has(headers([bytes])[0] ?? "");
}
