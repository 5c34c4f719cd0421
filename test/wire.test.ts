import { writeFileSync } from "node:fs";

import type { FakeListener } from "@uevent-bridge/kernel/testing";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { WireEvent, WireMessage } from "@uevent-bridge/listener";
import { decodeWire, listen } from "@uevent-bridge/listener";
import { openLinux } from "@uevent-bridge/linux";
import type { Limits } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { expect, onTestFinished, test } from "vitest";

import { needs } from "./needs.js";
import { withLoops } from "./real/loops.js";
import { temporaryDirectory } from "./real/temporary.js";

// The relay encodes, the listener decodes, and neither may import the other: this holds the two together.

const DATAGRAM_BYTES = 60 * 1024;

const loop = (n: number) => `/devices/virtual/block/loop${n}`;

interface Attached {
  readonly kernel: FakeKernel;
  readonly bind: (name: string) => FakeListener;
  /** Resolves when all that happened has been told. */
  readonly settle: () => Promise<void>;
}

/** A relay with one container that may see block devices, of which there are so many. */
async function attached(devices: number, limits: Partial<Limits> = {}): Promise<Attached> {
  const kernel = new FakeKernel();
  for (let n = 0; n < devices; n++) plug(kernel, n);
  const relay = await openRelay({ kernel, runtimeDir: "/run/uevent-bridge", limits });
  onTestFinished(() => relay.close());
  await relay.attach({ name: "box", allow: ["subsystem=block"] });
  const settle = async () => {
    await relay.settle();
    await kernel.idle();
  };
  return { kernel, bind: (name) => kernel.directory("/run/uevent-bridge/box").bind(name), settle };
}

function plug(kernel: FakeKernel, n: number): void {
  kernel.plug(loop(n), { subsystem: "block", properties: { MAJOR: "7", MINOR: `${n}`, DEVNAME: `loop${n}` } });
}

function decodeAll(datagrams: readonly Uint8Array[]): WireMessage[] {
  for (const bytes of datagrams) expect(bytes.length).toBeLessThanOrEqual(DATAGRAM_BYTES);
  return datagrams.flatMap((bytes) => decodeWire(bytes));
}

const isEvent = (message: WireMessage): message is WireEvent => message.kind === "event";

/** Reads until it has heard enough; the relay tells one newcomer after the other. */
async function readUntil(listener: FakeListener, isEnough: (heard: Uint8Array[]) => boolean): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (let tries = 0; tries < 2000 && !isEnough(all); tries++) {
    all.push(...listener.readAll());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return all;
}

/** Reads until nothing more comes. */
async function readAll(listener: FakeListener, settle: () => Promise<void>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (let some = listener.readAll(); some.length > 0; some = listener.readAll()) {
    all.push(...some);
    await settle();
  }
  return all;
}

test("the coldplug is hello, an event for each device, synced", async () => {
  const { bind, settle } = await attached(3);
  const listener = bind("a.msgpack.sock");
  await settle();
  const messages = decodeAll(await readAll(listener, settle));
  expect(messages.map(({ kind }) => kind)).toEqual(["hello", "event", "event", "event", "synced"]);
  expect(messages[0]).toEqual({ kind: "hello", version: 1 });
});

test("an event has the bytes that the kernel's form has, and their SEQNUM as its number", async () => {
  const { kernel, bind, settle } = await attached(1000);
  const [packed, plain] = [bind("a.msgpack.sock"), bind("b.sock")];
  await settle();
  const datagrams = await readUntil(plain, (heard) => heard.length === 1000);
  const messages = decodeAll(await readUntil(packed, (heard) => decodeAll(heard).at(-1)?.kind === "synced"));
  kernel.change(loop(0));
  kernel.unplug(loop(1));
  await settle();
  datagrams.push(...(await readAll(plain, settle)));
  messages.push(...decodeAll(await readAll(packed, settle)));

  const events = messages.filter(isEvent);
  expect(events).toHaveLength(1002);
  expect(events.map(({ bytes }) => Buffer.from(bytes).toString("latin1"))).toEqual(
    datagrams.map((bytes) => Buffer.from(bytes).toString("latin1")),
  );
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.every(({ seq, bytes }) => Buffer.from(bytes).includes(`\0SEQNUM=${seq}\0`))).toBe(true);
});

test("a listener that does not read is told what it lost, by as many as the numbers step", async () => {
  const { kernel, bind, settle } = await attached(1, { waitingBytes: 1500 });
  const listener = bind("a.msgpack.sock");
  await settle();
  for (let n = 0; n < 200; n++) {
    kernel.change(loop(0));
    await settle();
  }
  const messages = decodeAll(await readAll(listener, settle));
  const gap = messages.findIndex(({ kind }) => kind === "gap");
  const before = messages.slice(0, gap).findLast(isEvent);
  const after = messages.slice(gap).find(isEvent);
  expect(messages[gap]).toEqual({ kind: "gap", lost: (after?.seq ?? 0) - (before?.seq ?? 0) - 1, where: "container" });
  expect(messages.at(-1)).toEqual({ kind: "synced" });
  expect(messages.filter(({ kind }) => kind === "damaged")).toEqual([]);
});

test("a real listener hears a real loop device", needs("root", "loop devices", "unix-dgram"), async () => {
  using directory = temporaryDirectory();
  using loops = withLoops(2);
  const [mine = "", other = ""] = loops.devices;
  await using relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
  await using box = await relay.attach({ name: "box", allow: [mine] });
  await using listener = await listen({ dir: box.mounts[0]?.source ?? "" });
  const messages = listener[Symbol.asyncIterator]();
  expect(await messages.next()).toMatchObject({ value: { action: "add", devpath: mine, seqnum: 1n } });
  expect([...listener.devices.keys()]).toEqual([mine]);

  for (let i = 0; i < 50; i++) for (const devpath of [other, mine]) writeFileSync(`/sys${devpath}/uevent`, "change");
  for (let i = 0; i < 50; i++) {
    expect(await messages.next()).toMatchObject({ value: { action: "change", devpath: mine, seqnum: BigInt(i + 2) } });
  }
});
